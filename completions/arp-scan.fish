complete -c arp-scan -s f -l file -d 'Targets from a file, one a line; - is stdin' -r
complete -c arp-scan -s I -l interface -d 'Interfaces, separated by commas, or all [default: that of the default route]' -r
complete -c arp-scan -l randomseed -d 'Make the random order that of this number' -r
complete -c arp-scan -l wait-carrier -d 'Wait for a carrier for so many seconds [default: none; without a number: 30]' -r
complete -c arp-scan -s r -l retry -d 'Requests to each host at the most [default: 2]' -r
complete -c arp-scan -s t -l timeout -d 'Wait so many milliseconds for the answer to the first request [default: 500]' -r
complete -c arp-scan -s b -l backoff -d 'Wait so many times as long for each further one [default: 1.5]' -r
complete -c arp-scan -s i -l interval -d 'From one request to the next: milliseconds, or with u micro- and with s seconds' -r
complete -c arp-scan -s B -l bandwidth -d 'Bits a second at the most, with K and M thousands and millions of them' -r
complete -c arp-scan -l rate -d 'Requests a second, and no adapting' -r
complete -c arp-scan -l linger -d 'Listen for so many milliseconds after the last answer [default: 200; --compat: 0]' -r
complete -c arp-scan -s Y -l retry-send -d 'Attempts at sending where the queue is full [default: 20]' -r
complete -c arp-scan -s E -l retry-send-interval -d 'From one such attempt to the next, as --interval [default: 5]' -r
complete -c arp-scan -s M -l limit -d 'Enough is so many hosts; fewer are exit status 1' -r
complete -c arp-scan -s s -l arpspa -d 'Sender\'s address, or dest for that of the target [default: that of the interface]' -r
complete -c arp-scan -s u -l arpsha -d 'Sender\'s link-layer address [default: that of the interface]' -r
complete -c arp-scan -s w -l arptha -d 'Target\'s link-layer address [default: zero]' -r
complete -c arp-scan -s o -l arpop -d 'Operation [default: 1]' -r
complete -c arp-scan -s H -l arphrd -d 'Kind of link [default: 1]' -r
complete -c arp-scan -s p -l arppro -d 'Kind of addresses [default: 0x0800]' -r
complete -c arp-scan -s a -l arphln -d 'Length of link-layer addresses, as is said [default: 6]' -r
complete -c arp-scan -s P -l arppln -d 'Length of addresses, as is said [default: 4]' -r
complete -c arp-scan -s A -l padding -d 'Octets behind the message, in hexadecimal' -r
complete -c arp-scan -s S -l srcaddr -d 'From [default: the interface\'s address]' -r
complete -c arp-scan -s T -l destaddr -d 'To [default: all]' -r
complete -c arp-scan -s y -l prototype -d 'Type [default: 0x0806]' -r
complete -c arp-scan -s Q -l vlan -d 'With the tags of these VLANs, 0 to 4094: 7, or 1-20,30' -r
complete -c arp-scan -s n -l snap -d 'Octets of a frame that are saved [default: 64]' -r
complete -c arp-scan -s F -l format -d 'Hosts like this: ${field;width} and \\n \\r \\t; fields are IP Name MAC HdrMAC Vendor Padding Framing VLAN Proto DUP RTT IPnum' -r
complete -c arp-scan -s O -l ouifile -d 'Prefixes and vendors; system is what the machine has [default: what was built in]' -r
complete -c arp-scan -s m -l macfile -d 'More prefixes, whatever their length, and vendors' -r
complete -c arp-scan -s W -l pcapsavefile -d 'Save what was answered' -r
complete -c arp-scan -l writepkttofile -d 'Write requests to a file and send none' -r
complete -c arp-scan -l readpktfromfile -d 'Read answers from a file and ask nobody' -r
complete -c arp-scan -l baseline -d 'Compare with what was saved by --state' -r
complete -c arp-scan -l pin-gateway -d 'Tell if the gateway is another [without an address: than --baseline or the kernel has]' -r
complete -c arp-scan -l watch -d 'Listen, and tell who comes, goes and changes; ask after so many silent seconds [default: 60]' -r
complete -c arp-scan -l for -d 'Watch for so many seconds [default: until stopped]' -r
complete -c arp-scan -l state -d 'Remember the hosts in a file' -r
complete -c arp-scan -s l -l localnet -d 'The network of the interface\'s own address'
complete -c arp-scan -s N -l numeric -d 'Targets are addresses, never names'
complete -c arp-scan -l exclude-broadcast -d 'Leave out addresses of networks and ranges that end in .0 and .255'
complete -c arp-scan -s R -l random -d 'In random order'
complete -c arp-scan -s 6 -l ipv6 -d 'IPv6 neighbours too'
complete -c arp-scan -l yes-large -d 'Ask more than a /12'
complete -c arp-scan -l fast -d 'As fast as nothing is lost'
complete -c arp-scan -l force -d 'Send what may make hosts believe us to be others'
complete -c arp-scan -s L -l llc -d 'With LLC and SNAP'
complete -c arp-scan -s q -l quiet -d 'Addresses only'
complete -c arp-scan -s x -l plain -d 'Hosts only'
complete -c arp-scan -s g -l ignoredups -d 'The first answer of each host only'
complete -c arp-scan -s D -l rtt -d 'Round trip times'
complete -c arp-scan -s d -l resolve -d 'Names in place of addresses, where there are any'
complete -c arp-scan -s v -l verbose -d 'More, up to three times'
complete -c arp-scan -l json -d 'One JSON object a line'
complete -c arp-scan -l compat -d 'All as arp-scan has it: text, timing and exit status'
complete -c arp-scan -l check -d 'Exit status 3 where something is not in order'
complete -c arp-scan -l cache -d 'Beside each answer what the kernel has in its table'
complete -c arp-scan -l fingerprint -d 'What the hosts may be, by how they answer what nobody should ask'
complete -c arp-scan -l passive -d 'Watch and send nothing'
complete -c arp-scan -l explain -d 'Each field of a request and of its reply, of the first 16 hosts'
complete -c arp-scan -s h -l help -d 'Print this help'
complete -c arp-scan -s V -l version -d 'Print version'
