complete -c dig -s b -d 'address and port to ask from' -r
complete -c dig -s c -d 'class' -r
complete -c dig -s f -d 'command lines from a file, or from stdin (-)' -r
complete -c dig -s k -d 'sign with the TSIG key in a file' -r
complete -c dig -s p -d 'port of the servers' -r
complete -c dig -s q -d 'name, whatever it looks like' -r
complete -c dig -s t -d 'type; ixfr=serial' -r
complete -c dig -s x -d 'name of an address, and type PTR' -r
complete -c dig -s y -d 'sign with this TSIG key (others may read it while dig runs)' -r
complete -c dig -l jobs -d 'Queries under way at once; otherwise as many as the servers bear' -r
complete -c dig -l rate -d 'Queries a second at the most' -r
complete -c dig -l retry-file -d 'Write there the names that got no answer' -r
complete -c dig -l interval -d 'From one look of --watch to the next; 10 if not given' -r
complete -c dig -l pin -d 'Key that the server may have (base64), as +tls-pin' -r
complete -c dig -s 4 -d 'IPv4 servers only'
complete -c dig -s 6 -d 'IPv6 servers only'
complete -c dig -s d -d 'tell what is done'
complete -c dig -s h -d 'print this help'
complete -c dig -s r -d 'do not read ~/.digrc'
complete -c dig -s u -d 'microseconds'
complete -c dig -s v -d 'print version'
complete -c dig -l json -d 'One JSON object a line'
complete -c dig -l in-order -d 'Answers in the order of the names'
complete -c dig -l exit-code -d 'Let NXDOMAIN, SERVFAIL and refused transfers show in the exit status'
complete -c dig -l compare -d 'Ask all servers, and show where they differ'
complete -c dig -l watch -d 'Ask again until the answer changes, or all servers agree'
complete -c dig -l explain -d 'Walk the resolution, and say what each step and field means'
complete -c dig -l help -d 'Print help'
complete -c dig -l version -d 'Print version'
