# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_handshake_global_optspecs
    string join \n 4/ipv4 6/ipv6 I/interface= S/source= g/source-port= ttl= t/timeout= send= recv= until-close close= linger= hold= mss= tfo= ecn= third-ack-data no-sack no-ts wscale= isn= win= json o/output= explain= abs-seq color= width= q/quiet h/help
    string join \n 4/ipv4 6/ipv6 I/interface= S/source= g/source-port= ttl= t/timeout= send= recv= until-close close= linger= hold= mss= tfo= ecn= third-ack-data no-sack no-ts wscale= isn= win= json o/output= explain= all-segments color= width= q/quiet h/help
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
complete -c handshake -n "__fish_handshake_needs_command" -s S -l source -d 'Send from this address' -r
complete -c handshake -n "__fish_handshake_needs_command" -s g -l source-port -d 'Send from this port' -r
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
complete -c handshake -n "__fish_handshake_needs_command" -a "ping" -d 'What may be asked for'
complete -c handshake -n "__fish_handshake_needs_command" -a "scan" -d 'What may be asked for'
complete -c handshake -n "__fish_handshake_needs_command" -a "check" -d 'What may be asked for'
complete -c handshake -n "__fish_handshake_needs_command" -a "path" -d 'What may be asked for'
complete -c handshake -n "__fish_handshake_needs_command" -a "watch" -d 'Draw other programs\' connections as they come by, or those of a command'
complete -c handshake -n "__fish_handshake_needs_command" -a "read" -d 'Draw the connections of a capture file'
complete -c handshake -n "__fish_handshake_needs_command" -a "lab" -d 'Play a scenario of TCP in a network of its own, and draw what happens'
complete -c handshake -n "__fish_handshake_needs_command" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c handshake -n "__fish_handshake_using_subcommand show" -s I -l interface -d 'Leave by this interface' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -s S -l source -d 'Send from this address' -r
complete -c handshake -n "__fish_handshake_using_subcommand show" -s g -l source-port -d 'Send from this port' -r
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
complete -c handshake -n "__fish_handshake_using_subcommand ping" -s h -l help -d 'Print help'
complete -c handshake -n "__fish_handshake_using_subcommand scan" -s h -l help -d 'Print help'
complete -c handshake -n "__fish_handshake_using_subcommand check" -s h -l help -d 'Print help'
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
complete -c handshake -n "__fish_handshake_using_subcommand help; and not __fish_seen_subcommand_from show ping scan check path watch read lab help" -f -a "show" -d 'Open one TCP connection, close it, and draw every segment of it'
complete -c handshake -n "__fish_handshake_using_subcommand help; and not __fish_seen_subcommand_from show ping scan check path watch read lab help" -f -a "ping" -d 'What may be asked for'
complete -c handshake -n "__fish_handshake_using_subcommand help; and not __fish_seen_subcommand_from show ping scan check path watch read lab help" -f -a "scan" -d 'What may be asked for'
complete -c handshake -n "__fish_handshake_using_subcommand help; and not __fish_seen_subcommand_from show ping scan check path watch read lab help" -f -a "check" -d 'What may be asked for'
complete -c handshake -n "__fish_handshake_using_subcommand help; and not __fish_seen_subcommand_from show ping scan check path watch read lab help" -f -a "path" -d 'What may be asked for'
complete -c handshake -n "__fish_handshake_using_subcommand help; and not __fish_seen_subcommand_from show ping scan check path watch read lab help" -f -a "watch" -d 'Draw other programs\' connections as they come by, or those of a command'
complete -c handshake -n "__fish_handshake_using_subcommand help; and not __fish_seen_subcommand_from show ping scan check path watch read lab help" -f -a "read" -d 'Draw the connections of a capture file'
complete -c handshake -n "__fish_handshake_using_subcommand help; and not __fish_seen_subcommand_from show ping scan check path watch read lab help" -f -a "lab" -d 'Play a scenario of TCP in a network of its own, and draw what happens'
complete -c handshake -n "__fish_handshake_using_subcommand help; and not __fish_seen_subcommand_from show ping scan check path watch read lab help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
