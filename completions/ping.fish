complete -c ping -s c -l count -d 'Stop after COUNT requests; with -w, after COUNT replies' -r
complete -c ping -s s -l size -d 'Octets of data in each request' -r
complete -c ping -s p -l pattern -d 'Fill the data with up to 16 octets, given in hex' -r
complete -c ping -s e -l ident -d 'Identifier of the requests; 0 needs a raw socket' -r
complete -c ping -s T -l timestamp -d 'Collect time stamps in IPv4 options: tsonly, tsandaddr or tsprespec' -r
complete -c ping -s F -l flow-label -d 'IPv6 flow label, decimal or 0xhex' -r
complete -c ping -s N -d 'IPv6 node information queries: not supported' -r
complete -c ping -s i -l interval -d 'Seconds from one request to the next' -r
complete -c ping -s W -l timeout -d 'Seconds to wait for a reply, if none has come; 0 waits for ever' -r
complete -c ping -s w -l deadline -d 'Stop after so many whole seconds, or at the first error' -r
complete -c ping -s l -l preload -d 'Send so many requests before waiting for replies' -r
complete -c ping -s I -l interface -d 'Source address or interface; may be given twice, for one of each' -r
complete -c ping -s t -l ttl -d 'TTL (hop limit) of the requests' -r
complete -c ping -s Q -l tos -d 'TOS (traffic class) of the requests, decimal or 0xhex' -r
complete -c ping -s M -l path-mtu -d 'Fragmentation: do, want, dont or probe' -r
complete -c ping -s m -l mark -d 'Firewall mark of the requests' -r
complete -c ping -s S -l sndbuf -d 'Send buffer of the socket, in bytes' -r
complete -c ping -l file -d 'Read targets from a file, one a line; - is standard input' -r
complete -c ping -l exclude -d 'Leave these addresses, networks, ranges or names out' -r
complete -c ping -l rate -d 'Requests a second, to all targets together [default: 1000]; 0 is as fast as possible' -r
complete -c ping -l retries -d 'Requests to a silent target after the first [default: 3]' -r
complete -c ping -l backoff -d 'Wait for each request this much longer than for the one before [default: 1.5]' -r
complete -c ping -s R -l record-route -d 'Record the route in IPv4 options'
complete -c ping -s f -l flood -d 'Send requests as fast as replies come, or 100 a second'
complete -c ping -s A -l adaptive -d 'Send requests as far apart as replies take'
complete -c ping -s U -l user-latency -d 'Take times from system call to system call, not from the kernel\'s stamps'
complete -c ping -s r -l dont-route -d 'Send to directly attached hosts only'
complete -c ping -s b -l broadcast -d 'Allow broadcast addresses'
complete -c ping -s B -l sticky-source -d 'Keep the source address that was chosen at the start'
complete -c ping -s L -l no-loopback -d 'Keep multicast requests off this machine'
complete -c ping -s d -l debug -d 'Set `SO_DEBUG`'
complete -c ping -s C -l connect -d 'Connect the socket, so that only the target is heard'
complete -c ping -s q -l quiet -d 'Print the first line and the summary only'
complete -c ping -s v -l verbose -d 'Print more: sockets, identifiers, duplicates of multicast'
complete -c ping -s n -l numeric -d 'Print no names for addresses'
complete -c ping -s H -l names -d 'Print names even for an address that was given as a number'
complete -c ping -s D -l timestamps -d 'Print the time before each line'
complete -c ping -s O -l outstanding -d 'Say before each request that the one before it is unanswered'
complete -c ping -s a -l audible -d 'Ring the bell at each reply'
complete -c ping -s 3 -l precise -d 'Print all times with three decimals'
complete -c ping -l breakdown -d 'Say where each round trip went: resolving a neighbour, queueing, the wire, delivery'
complete -c ping -l percentiles -d 'Add percentiles and jitter to the summary'
complete -c ping -l json -d 'Print one JSON object a line, an event each'
complete -c ping -l live -d 'Show one line a target, changing in place; plain lines where stdout is no terminal'
complete -c ping -l alive -d 'Print targets that answer, and no others'
complete -c ping -l unreachable -d 'Print targets that do not answer, and no others'
complete -c ping -l elapsed -d 'Print the round trip of targets that answer'
complete -c ping -l stats -d 'Print totals at the end'
complete -c ping -l loop -d 'Ask each target again and again until interrupted'
complete -c ping -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ping -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ping -s h -d 'Print this help on stderr and fail, as iputils does'
complete -c ping -l help -d 'Print this help'
complete -c ping -s V -l version -d 'Print version'
