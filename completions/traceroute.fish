complete -c traceroute -s P -l protocol -d 'Datagrams of an IP protocol, by number or name' -r
complete -c traceroute -s M -l module -d 'Method by name: default, icmp, tcp, tcpconn, udp, udplite, raw' -r
complete -c traceroute -s O -l options -d 'Options of the method, separated by commas; help lists them' -r
complete -c traceroute -s p -l port -d 'The first port, or sequence number of -I; of -T, -U and -UL the only one' -r
complete -c traceroute -s t -l tos -d 'TOS or traffic class' -r
complete -c traceroute -s l -l flowlabel -d 'IPv6 flow label' -r
complete -c traceroute -s g -l gateway -d 'Route through these, separated by commas (IPv4, root only)' -r
complete -c traceroute -s f -l first -d 'First hop' -r
complete -c traceroute -s m -l max-hops -d 'Last hop [default: 30]' -r
complete -c traceroute -s N -l sim-queries -d 'Probes under way at once [default: as many as there are]' -r
complete -c traceroute -s q -l queries -d 'Probes to each hop [default: 3]' -r
complete -c traceroute -s w -l wait -d 'Give a probe up after MAX seconds, or HERE round trips of the same hop, or NEAR of a later one [default: by what is known of the path, 5 seconds at the most]' -r
complete -c traceroute -s z -l sendwait -d 'From one probe to the next at least: seconds up to 10, milliseconds above' -r
complete -c traceroute -s i -l interface -d 'Leave by this interface' -r
complete -c traceroute -s s -l source -d 'Send from this address' -r
complete -c traceroute -l sport -d 'Send from this port; one probe at a time' -r
complete -c traceroute -l fwmark -d 'Mark what is sent, for firewalls' -r
complete -c traceroute -l as-table -d 'Table of prefixes and AS numbers, in pyasn\'s format or in that of pfx2as' -r
complete -c traceroute -l as-server -d 'Whois server that knows routes' -r
complete -c traceroute -l cycles -d 'So many cycles [default: 10; --live: until stopped]' -r
complete -c traceroute -l interval -d 'From one cycle to the next [default: 1]' -r
complete -c traceroute -l order -d 'Columns by letter: Loss Drop Received Sent Newest Best Average Worst deViation Geometric-mean, jitter: J newest, M mean, X longest, I interarrival [default: LS NABWV]' -r
complete -c traceroute -l confidence -d 'How sure to be that no next hop was missed [default: 95]' -r
complete -c traceroute -s I -l icmp -d 'ICMP echo requests'
complete -c traceroute -s T -l tcp -d 'TCP: half-open as root, connections otherwise [default port: 80]'
complete -c traceroute -s U -l udp -d 'UDP to one port [default port: 53]'
complete -c traceroute -l udplite -d 'UDP-Lite to one port [default port: 53]; also -UL'
complete -c traceroute -s D -l dccp -d 'DCCP: refused, recent kernels have none'
complete -c traceroute -s F -l dont-fragment -d 'Never fragment'
complete -c traceroute -l mtu -d 'Find the path MTU: F=NUM where it changes'
complete -c traceroute -s 4 -d 'Use IPv4'
complete -c traceroute -s 6 -d 'Use IPv6'
complete -c traceroute -s d -l debug -d 'Debug sockets'
complete -c traceroute -s r -d 'Send to directly attached hosts only'
complete -c traceroute -s n -d 'No names of hosts'
complete -c traceroute -s e -l extensions -d 'ICMP extensions, such as MPLS labels'
complete -c traceroute -s A -l as-path-lookups -d 'Numbers of autonomous systems, from --as-table or --as-server'
complete -c traceroute -l back -d 'Hops of the way back, where they seem to be others'
complete -c traceroute -l try-all -d 'Every method in turn, side by side'
complete -c traceroute -l json -d 'One JSON object a line'
complete -c traceroute -l report -d 'Probe each hop once a cycle, and report as mtr does'
complete -c traceroute -l report-wide -d 'The report with whole names'
complete -c traceroute -l csv -d 'The report with commas'
complete -c traceroute -l live -d 'Show how it goes until stopped (keys: p pauses, r resets, q ends), and report; without a terminal, as --report'
complete -c traceroute -l paths -d 'Find every path that load balancers may take, by UDP from many ports'
complete -c traceroute -l dot -d 'The paths as a graph for Graphviz'
complete -c traceroute -l help -d 'Print this help'
complete -c traceroute -s V -l version -d 'Print version'
