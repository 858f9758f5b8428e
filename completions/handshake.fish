# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_handshake_global_optspecs
    string join \n 4/ipv4 6/ipv6 I/interface= S/source= g/source-port= ttl= t/timeout= send= recv= until-close close= linger= hold= mss= tfo= ecn= third-ack-data no-sack no-ts wscale= isn= win= json o/output= explain= abs-seq all-segments color= width= q/quiet h/help
end

function __fish_handshake_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_handshake_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_handshake_using_subcommand
    set -l cmd (__fish_handshake_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c handshake -n "__fish_handshake_needs_command" -s I -l interface -d 'Leave by this interface' -r
complete -c handshake -n "__fish_handshake_needs_command" -s S -l source -d 'Leave from this address' -r
complete -c handshake -n "__fish_handshake_needs_command" -s g -l source-port -d 'Leave from this port' -r
complete -c handshake -n "__fish_handshake_needs_command" -l ttl -d 'TTL or hop limit of our segments' -r
complete -c handshake -n "__fish_handshake_needs_command" -s t -l timeout -d 'Wait so long for the opening, for the answer and for the closing, each' -r
complete -c handshake -n "__fish_handshake_needs_command" -l send -d 'Send this: a text, @FILE or 0xHEX' -r
complete -c handshake -n "__fish_handshake_needs_command" -l recv -d 'Close once so many octets have come' -r
complete -c handshake -n "__fish_handshake_needs_command" -l close -d 'How to close' -r -f -a "fin\t'With FIN, and wait for theirs'
rst\t'With RST'
half\t'With FIN before the answer comes, and read on'
none\t'Not at all while it is drawn; RST frees the other end afterwards'
server\t'Let the other end close first'"
complete -c handshake -n "__fish_handshake_needs_command" -l linger -d 'Close with close(2) at once and let it wait so many seconds for what is under way; 0 sends RST' -r
complete -c handshake -n "__fish_handshake_needs_command" -l hold -d 'Keep it open so long before it is closed' -r
complete -c handshake -n "__fish_handshake_needs_command" -l mss -d 'Offer this maximum segment size' -r
complete -c handshake -n "__fish_handshake_needs_command" -l tfo -d 'Send data with the SYN, if a cookie is known (of the kernel\'s, or this one); else ask for one' -r
complete -c handshake -n "__fish_handshake_needs_command" -l ecn -d 'Ask for ECN: classic (RFC 3168) or accurate (RFC 9768)' -r -f -a "classic\t'RFC 3168'
accurate\t'RFC 9768'"
complete -c handshake -n "__fish_handshake_needs_command" -l wscale -d 'Offer to shift windows by so many bits, or not at all' -r
complete -c handshake -n "__fish_handshake_needs_command" -l isn -d 'Begin with this sequence number' -r
complete -c handshake -n "__fish_handshake_needs_command" -l win -d 'Say this in the window field' -r
complete -c handshake -n "__fish_handshake_needs_command" -s o -l output -d 'Draw as text, json, svg, mermaid, packetdrill or pcapng, to stdout or to FILE; may be repeated. Where nothing else goes to stdout, the text does' -r
complete -c handshake -n "__fish_handshake_needs_command" -l explain -d 'Say with each segment what it means: short (one sentence) or long (and why)' -r -f -a "short\t'One sentence a segment'
long\t'The sentence, its reason, and the clause of RFC 9293 that says so'"
complete -c handshake -n "__fish_handshake_needs_command" -l color -d 'Use colors: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c handshake -n "__fish_handshake_needs_command" -l width -d 'Draw so many columns wide (60 to 140), not as wide as the terminal' -r
complete -c handshake -n "__fish_handshake_needs_command" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c handshake -n "__fish_handshake_needs_command" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c handshake -n "__fish_handshake_needs_command" -l until-close -d 'Close once the other end has'
complete -c handshake -n "__fish_handshake_needs_command" -l third-ack-data -d 'Send the first data with the third segment of the handshake'
complete -c handshake -n "__fish_handshake_needs_command" -l no-sack -d 'Do not offer selective acknowledgments'
complete -c handshake -n "__fish_handshake_needs_command" -l no-ts -d 'Do not offer time-stamps'
complete -c handshake -n "__fish_handshake_needs_command" -l json -d 'Print one JSON object a line: what -o json does'
complete -c handshake -n "__fish_handshake_needs_command" -l abs-seq -d 'Show sequence numbers as they are on the wire, not from 0'
complete -c handshake -n "__fish_handshake_needs_command" -l all-segments -d 'Draw every segment of a long run of data, not only its beginning and its end'
complete -c handshake -n "__fish_handshake_needs_command" -s q -l quiet -d 'Print one line of what came of it, and no drawing'
complete -c handshake -n "__fish_handshake_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handshake -n "__fish_handshake_needs_command" -a "show" -d 'Open one TCP connection, close it, and draw every segment of it'
complete -c handshake -n "__fish_handshake_needs_command" -a "ping" -d 'Ask ports over and over whether they are open, and how fast'
complete -c handshake -n "__fish_handshake_needs_command" -a "scan" -d 'Which ports of which hosts are open'
complete -c handshake -n "__fish_handshake_needs_command" -a "check" -d 'A graded report on how a server opens, talks and closes'
complete -c handshake -n "__fish_handshake_needs_command" -a "path" -d 'Show the routers on the way to a port, and what becomes of a SYN there'
complete -c handshake -n "__fish_handshake_needs_command" -a "watch" -d 'Draw other programs\' connections as they come by, or those of a command'
complete -c handshake -n "__fish_handshake_needs_command" -a "read" -d 'Draw the connections of a capture file'
complete -c handshake -n "__fish_handshake_needs_command" -a "lab" -d 'Play a scenario of TCP in a network of its own, and draw what happens'
complete -c handshake -n "__fish_handshake_using_subcommand show" -s I -l interface -d 'Leave by this interface' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -s S -l source -d 'Leave from this address' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -s g -l source-port -d 'Leave from this port' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -l ttl -d 'TTL or hop limit of our segments' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -s t -l timeout -d 'Wait so long for the opening, for the answer and for the closing, each' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -l send -d 'Send this: a text, @FILE or 0xHEX' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -l recv -d 'Close once so many octets have come' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -l close -d 'How to close' -r -f -a "fin\t'With FIN, and wait for theirs'
rst\t'With RST'
half\t'With FIN before the answer comes, and read on'
none\t'Not at all while it is drawn; RST frees the other end afterwards'
server\t'Let the other end close first'"
complete -c handshake -n "__fish_handshake_using_subcommand show" -l linger -d 'Close with close(2) at once and let it wait so many seconds for what is under way; 0 sends RST' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -l hold -d 'Keep it open so long before it is closed' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -l mss -d 'Offer this maximum segment size' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -l tfo -d 'Send data with the SYN, if a cookie is known (of the kernel\'s, or this one); else ask for one' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -l ecn -d 'Ask for ECN: classic (RFC 3168) or accurate (RFC 9768)' -r -f -a "classic\t'RFC 3168'
accurate\t'RFC 9768'"
complete -c handshake -n "__fish_handshake_using_subcommand show" -l wscale -d 'Offer to shift windows by so many bits, or not at all' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -l isn -d 'Begin with this sequence number' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -l win -d 'Say this in the window field' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -s o -l output -d 'Draw as text, json, svg, mermaid, packetdrill or pcapng, to stdout or to FILE; may be repeated. Where nothing else goes to stdout, the text does' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -l explain -d 'Say with each segment what it means: short (one sentence) or long (and why)' -r -f -a "short\t'One sentence a segment'
long\t'The sentence, its reason, and the clause of RFC 9293 that says so'"
complete -c handshake -n "__fish_handshake_using_subcommand show" -l color -d 'Use colors: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c handshake -n "__fish_handshake_using_subcommand show" -l width -d 'Draw so many columns wide (60 to 140), not as wide as the terminal' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c handshake -n "__fish_handshake_using_subcommand show" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c handshake -n "__fish_handshake_using_subcommand show" -l until-close -d 'Close once the other end has'
complete -c handshake -n "__fish_handshake_using_subcommand show" -l third-ack-data -d 'Send the first data with the third segment of the handshake'
complete -c handshake -n "__fish_handshake_using_subcommand show" -l no-sack -d 'Do not offer selective acknowledgments'
complete -c handshake -n "__fish_handshake_using_subcommand show" -l no-ts -d 'Do not offer time-stamps'
complete -c handshake -n "__fish_handshake_using_subcommand show" -l json -d 'Print one JSON object a line: what -o json does'
complete -c handshake -n "__fish_handshake_using_subcommand show" -l abs-seq -d 'Show sequence numbers as they are on the wire, not from 0'
complete -c handshake -n "__fish_handshake_using_subcommand show" -l all-segments -d 'Draw every segment of a long run of data, not only its beginning and its end'
complete -c handshake -n "__fish_handshake_using_subcommand show" -s q -l quiet -d 'Print one line of what came of it, and no drawing'
complete -c handshake -n "__fish_handshake_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s c -l count -d 'Probes of each target; without it until stopped' -r
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s i -l interval -d 'Seconds from one probe of a target to the next, 0.001 or more' -r
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s t -l timeout -d 'Seconds that a probe waits for its answer; a neighbour that does not answer is known after three' -r
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s w -l max-time -d 'End after so many seconds, whatever was asked' -r
complete -c handshake -n "__fish_handshake_using_subcommand ping" -l retry -d 'Tries after the first before a probe counts as failed' -r
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s r -l re-resolve -d 'Look the name up anew after N failures in a row' -r
complete -c handshake -n "__fish_handshake_using_subcommand ping" -l until -d 'Ask until every target is so, then end' -r -f -a "open\t''
closed\t''"
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s I -l interface -d 'Leave by this interface' -r
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s S -l source -d 'Leave from this address' -r
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s g -l source-port -d 'Leave from this port' -r
complete -c handshake -n "__fish_handshake_using_subcommand ping" -l prometheus -d 'Counts and round trips as Prometheus\' text, kept up to date in FILE; `-` is stdout, at the end' -r -F
complete -c handshake -n "__fish_handshake_using_subcommand ping" -l all-addresses -d 'All addresses of a name, each a target'
complete -c handshake -n "__fish_handshake_using_subcommand ping" -l half-open -d 'Never complete a connection: SYNs of our own, timed by the kernel\'s stamps (needs `CAP_NET_RAW`)'
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s n -l numeric -d 'Targets by their addresses, without the names given for them'
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s q -l quiet -d 'Only the summaries'
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s D -l timestamps -d 'The time since 1970 before each line'
complete -c handshake -n "__fish_handshake_using_subcommand ping" -l failures-only -d 'Only probes that failed, and the summaries'
complete -c handshake -n "__fish_handshake_using_subcommand ping" -l histogram -d 'How round trips are spread, with the summaries'
complete -c handshake -n "__fish_handshake_using_subcommand ping" -l json -d 'Print one JSON object a line'
complete -c handshake -n "__fish_handshake_using_subcommand ping" -l exit-any -d 'Succeed if any probe found a port open'
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s h -l help -d 'Print help'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -s p -l ports -d 'Ports: 22,80,8000-8100,http,!25, or - for all' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l top -d 'The N commonest ports (100 without -p)' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l input-list -d 'Read targets from a file, - is standard input; also -iL' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l exclude -d 'Leave these out: names, addresses, networks, ranges, with commas between' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l exclude-file -d 'Leave out what a file lists' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -s I -l interface -d 'Leave by this interface' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -s S -l source -d 'Leave from this address' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -s g -l source-port -d 'Source port of half-open probes' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l ttl -d 'TTL or hop limit of probes' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l rate -d 'At most so many SYNs a second, and exactly so many unless --adaptive (adaptive up to 150000 without)' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l retries -d 'Ask the silent so many times more' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -s t -l timeout -d 'How long a SYN waits for its answer, in seconds' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l order -d 'In which order' -r -f -a "random\t''
serial\t''"
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l seed -d 'Draw the order from this number' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l shard -d 'The k-th of n parts, which n runs with the same --seed share out' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l max-open -d 'Give up a host with so many open ports' -r
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l state -d 'Tell of these: open, closed, filtered, rejected or all, with commas between' -r -f -a "all\t''
open\t''
closed\t''
filtered\t''
rejected\t''"
complete -c handshake -n "__fish_handshake_using_subcommand scan" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l raw -d 'Half-open, with raw sockets; refused where they are not allowed'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l connect -d 'Connect as any program does: needs no privilege, and servers may notice'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l adaptive -d 'Slow down where answers stay away or are dropped here'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l open -d 'Tell of open ports only'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l reason -d 'Say why: flags, TTL and options of the answer'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l rtt -d 'Measure round trips, by the kernel\'s stamps, which costs time'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l verify -d 'Complete the handshake with the open ports, and tell who is a SYN proxy'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l exit-any -d 'Succeed if any port is open'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -l json -d 'Print one JSON object a line'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -s q -l quiet -d 'No line for a host and no summary'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -s h -l help -d 'Print help'
complete -c handshake -n "__fish_handshake_using_subcommand check" -s I -l interface -d 'Leave by this interface' -r
complete -c handshake -n "__fish_handshake_using_subcommand check" -s S -l source -d 'Leave from this address' -r
complete -c handshake -n "__fish_handshake_using_subcommand check" -l only -d 'Only these lines of the report, joined by commas' -r -f -a "port\t'Whether it is open'
rtt\t'Round trips of SYN and of data'
options\t'What both ends agree on'
mss\t'Whether the MSS is somebody else\'s'
isn\t'How sequence numbers are chosen'
synack\t'When a SYN-ACK is sent again'
tfo\t'Fast Open'
ecn\t'Congestion notification'
accept\t'Whether data is taken, and how soon there is an answer'
halfclose\t'What the server does after our FIN'
close\t'How it closes, and who is left in `TIME_WAIT`'
challenge\t'What an RST does that is not exact'
fingerprint\t'What the SYN-ACK looks like'
proxy\t'Whether something answers in the server\'s place'
backlog\t'How many connections wait (--intrusive)'"
complete -c handshake -n "__fish_handshake_using_subcommand check" -l samples -d 'SYNs for round trips and sequence numbers: 1 to 1000' -r
complete -c handshake -n "__fish_handshake_using_subcommand check" -l budget -d 'Seconds for all of it, and for SYN-ACKs that come again; what is not asked by then is told [default: 15, and 8 for SYN-ACKs]' -r
complete -c handshake -n "__fish_handshake_using_subcommand check" -s t -l timeout -d 'Seconds to wait for an answer' -r
complete -c handshake -n "__fish_handshake_using_subcommand check" -l send -d 'What is said on a connection' -r
complete -c handshake -n "__fish_handshake_using_subcommand check" -l expect -d 'Exit with 1 unless this holds, as \'open && rtt<20ms && sack\'' -r
complete -c handshake -n "__fish_handshake_using_subcommand check" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c handshake -n "__fish_handshake_using_subcommand check" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c handshake -n "__fish_handshake_using_subcommand check" -l intrusive -d 'Fill the server\'s accept queue, too: with 16 connections at the most'
complete -c handshake -n "__fish_handshake_using_subcommand check" -l json -d 'Print one JSON object a line'
complete -c handshake -n "__fish_handshake_using_subcommand check" -s q -l quiet -d 'Only what is not well, and what was expected'
complete -c handshake -n "__fish_handshake_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handshake -n "__fish_handshake_using_subcommand path" -s f -l first-hop -d 'The first hop' -r
complete -c handshake -n "__fish_handshake_using_subcommand path" -s m -l max-hops -d 'The last hop to try' -r
complete -c handshake -n "__fish_handshake_using_subcommand path" -l queries -d 'Probes to each hop' -r
complete -c handshake -n "__fish_handshake_using_subcommand path" -s t -l timeout -d 'Seconds that a probe waits at the most; without it no longer than the path makes sensible' -r
complete -c handshake -n "__fish_handshake_using_subcommand path" -s I -l interface -d 'Leave by this interface' -r
complete -c handshake -n "__fish_handshake_using_subcommand path" -s S -l source -d 'Leave from this address' -r
complete -c handshake -n "__fish_handshake_using_subcommand path" -l connect -d 'By connect(2), also with privilege'
complete -c handshake -n "__fish_handshake_using_subcommand path" -l raw -d 'By segments of our own, or not at all'
complete -c handshake -n "__fish_handshake_using_subcommand path" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c handshake -n "__fish_handshake_using_subcommand path" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c handshake -n "__fish_handshake_using_subcommand path" -s n -l numeric -d 'Look up no names of routers'
complete -c handshake -n "__fish_handshake_using_subcommand path" -l json -d 'Print one JSON object a line'
complete -c handshake -n "__fish_handshake_using_subcommand path" -s h -l help -d 'Print help'
complete -c handshake -n "__fish_handshake_using_subcommand watch" -s I -l interface -d 'At this interface alone, not at all of them' -r
complete -c handshake -n "__fish_handshake_using_subcommand watch" -s c -l count -d 'End after so many connections' -r
complete -c handshake -n "__fish_handshake_using_subcommand watch" -s t -l timeout -d 'End after so long' -r
complete -c handshake -n "__fish_handshake_using_subcommand watch" -s o -l output -d 'Draw as text, json, svg, mermaid, packetdrill or pcapng, to stdout or to FILE; may be repeated. Where nothing else goes to stdout, the text does' -r
complete -c handshake -n "__fish_handshake_using_subcommand watch" -l explain -d 'Say with each segment what it means: short (one sentence) or long (and why)' -r -f -a "short\t'One sentence a segment'
long\t'The sentence, its reason, and the clause of RFC 9293 that says so'"
complete -c handshake -n "__fish_handshake_using_subcommand watch" -l color -d 'Use colors: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c handshake -n "__fish_handshake_using_subcommand watch" -l width -d 'Draw so many columns wide (60 to 140), not as wide as the terminal' -r
complete -c handshake -n "__fish_handshake_using_subcommand watch" -l midway -d 'Draw those that had begun before, too'
complete -c handshake -n "__fish_handshake_using_subcommand watch" -l json -d 'Print one JSON object a line: what -o json does'
complete -c handshake -n "__fish_handshake_using_subcommand watch" -l abs-seq -d 'Show sequence numbers as they are on the wire, not from 0'
complete -c handshake -n "__fish_handshake_using_subcommand watch" -l all-segments -d 'Draw every segment of a long run of data, not only its beginning and its end'
complete -c handshake -n "__fish_handshake_using_subcommand watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handshake -n "__fish_handshake_using_subcommand read" -l stream -d 'Only the connection with this number in the table, from 1; may be repeated' -r
complete -c handshake -n "__fish_handshake_using_subcommand read" -s c -l count -d 'Only the first so many connections' -r
complete -c handshake -n "__fish_handshake_using_subcommand read" -s o -l output -d 'Draw as text, json, svg, mermaid, packetdrill or pcapng, to stdout or to FILE; may be repeated. Where nothing else goes to stdout, the text does' -r
complete -c handshake -n "__fish_handshake_using_subcommand read" -l explain -d 'Say with each segment what it means: short (one sentence) or long (and why)' -r -f -a "short\t'One sentence a segment'
long\t'The sentence, its reason, and the clause of RFC 9293 that says so'"
complete -c handshake -n "__fish_handshake_using_subcommand read" -l color -d 'Use colors: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c handshake -n "__fish_handshake_using_subcommand read" -l width -d 'Draw so many columns wide (60 to 140), not as wide as the terminal' -r
complete -c handshake -n "__fish_handshake_using_subcommand read" -l list -d 'Do not draw: one line a connection, which is what comes of more than ten'
complete -c handshake -n "__fish_handshake_using_subcommand read" -l all -d 'Draw all connections, however many'
complete -c handshake -n "__fish_handshake_using_subcommand read" -l json -d 'Print one JSON object a line: what -o json does'
complete -c handshake -n "__fish_handshake_using_subcommand read" -l abs-seq -d 'Show sequence numbers as they are on the wire, not from 0'
complete -c handshake -n "__fish_handshake_using_subcommand read" -l all-segments -d 'Draw every segment of a long run of data, not only its beginning and its end'
complete -c handshake -n "__fish_handshake_using_subcommand read" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handshake -n "__fish_handshake_using_subcommand lab" -s o -l output -d 'Draw as text, json, svg, mermaid, packetdrill or pcapng, to stdout or to FILE; may be repeated. Where nothing else goes to stdout, the text does' -r
complete -c handshake -n "__fish_handshake_using_subcommand lab" -l explain -d 'Say with each segment what it means: short (one sentence) or long (and why)' -r -f -a "short\t'One sentence a segment'
long\t'The sentence, its reason, and the clause of RFC 9293 that says so'"
complete -c handshake -n "__fish_handshake_using_subcommand lab" -l color -d 'Use colors: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c handshake -n "__fish_handshake_using_subcommand lab" -l width -d 'Draw so many columns wide (60 to 140), not as wide as the terminal' -r
complete -c handshake -n "__fish_handshake_using_subcommand lab" -l json -d 'Print one JSON object a line: what -o json does'
complete -c handshake -n "__fish_handshake_using_subcommand lab" -l abs-seq -d 'Show sequence numbers as they are on the wire, not from 0'
complete -c handshake -n "__fish_handshake_using_subcommand lab" -l all-segments -d 'Draw every segment of a long run of data, not only its beginning and its end'
complete -c handshake -n "__fish_handshake_using_subcommand lab" -s h -l help -d 'Print help (see more with \'--help\')'
