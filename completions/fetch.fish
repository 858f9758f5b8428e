complete -c fetch -l abstract-unix-socket -d 'Connect to this socket of the abstract namespace' -r -f
complete -c fetch -l alt-svc -d 'Keep other ways to servers in this file' -r -F
complete -c fetch -l cacert -d 'Believe these authorities' -r -F
complete -c fetch -l capath -d 'Believe authorities in there' -r -f -a "(__fish_complete_directories)"
complete -c fetch -s E -l cert -d 'Who we are, where a server asks' -r -F
complete -c fetch -l cert-type -d 'What --cert is: PEM or DER' -r -f
complete -c fetch -l ciphers -d 'Ciphers of TLS 1.2' -r -f
complete -c fetch -l color -d 'Colours in reports: auto, always, never' -r -f
complete -c fetch -s K -l config -d 'Read options from this file' -r -F
complete -c fetch -l connect-timeout -d 'How long connecting may take' -r -f
complete -c fetch -l connect-to -d 'Connect to the second instead of the first' -r -f
complete -c fetch -s C -l continue-at -d 'Go on at this octet, or (-) where the file ends' -r -f
complete -c fetch -s b -l cookie -d 'Send these cookies, or those of a file' -r -f
complete -c fetch -s c -l cookie-jar -d 'Write cookies to this file at the end' -r -F
complete -c fetch -l create-file-mode -d 'Permissions of files that are made' -r -f
complete -c fetch -l curves -d 'Groups for the exchange of keys' -r -f
complete -c fetch -s d -l data -d 'Send this; @file for what is in it' -r -f
complete -c fetch -l data-ascii -d 'As --data' -r -f
complete -c fetch -l data-binary -d 'As --data, files as they are' -r -f
complete -c fetch -l data-raw -d 'As --data, and @ means nothing' -r -f
complete -c fetch -l data-urlencode -d 'As --data, encoded as in URLs' -r -f
complete -c fetch -l dns-servers -d 'Ask these name servers, not the system\'s' -r -f
complete -c fetch -l doh-url -d 'Look names up at this server of DNS over HTTPS' -r -f
complete -c fetch -s D -l dump-header -d 'Write heads to this file' -r -F
complete -c fetch -l etag-compare -d 'Only what has another ETag than this file says' -r -F
complete -c fetch -l etag-save -d 'Write the ETag to this file' -r -F
complete -c fetch -l expect100-timeout -d 'How long 100 (Continue) is waited for' -r -f
complete -c fetch -s F -l form -d 'Send a form of parts' -r -f
complete -c fetch -l form-string -d 'As --form, without special letters' -r -f
complete -c fetch -l happy-eyeballs-timeout-ms -d 'How long IPv6 is ahead of IPv4' -r -f
complete -c fetch -l haproxy-clientip -d 'Send a line of the PROXY protocol with this address' -r -f
complete -c fetch -l har -d 'Write all of the run to this file (HAR 1.2)' -r -F
complete -c fetch -s H -l header -d 'Add, change or leave out a field' -r -f
complete -c fetch -s h -l help -d 'Show options: of a group, all, or one' -r -f
complete -c fetch -l hsts -d 'Keep who wants TLS alone in this file' -r -F
complete -c fetch -l interface -d 'Use this interface or address of ours' -r -f
complete -c fetch -l interval -d 'Between two runs of --runs' -r -f
complete -c fetch -l keepalive-time -d 'Time between probes while nothing comes' -r -f
complete -c fetch -l key -d 'The key of --cert' -r -F
complete -c fetch -l key-type -d 'What --key is: PEM or DER' -r -f
complete -c fetch -l limit-rate -d 'So many octets a second, with K, M, G' -r -f
complete -c fetch -l local-port -d 'Use one of these ports of ours' -r -f
complete -c fetch -l max-filesize -d 'Take nothing that is larger, with K, M, G' -r -f
complete -c fetch -l max-redirs -d 'So many redirects; -1 for any number' -r -f
complete -c fetch -s m -l max-time -d 'How long a transfer may take' -r -f
complete -c fetch -l netrc-file -d 'Take user and password from this file' -r -F
complete -c fetch -l noproxy -d 'Reach these hosts without a proxy' -r -f
complete -c fetch -l oauth2-bearer -d 'Show this token' -r -f
complete -c fetch -s o -l output -d 'Write what comes to this file' -r -F
complete -c fetch -l output-dir -d 'Where files are written' -r -f -a "(__fish_complete_directories)"
complete -c fetch -l parallel-max -d 'So many at a time, with -Z' -r -f
complete -c fetch -l parallel-max-host -d 'So many to one host, with -Z' -r -f
complete -c fetch -l pinnedpubkey -d 'The key that the server must have' -r -f
complete -c fetch -l pipeline -d 'Send so many requests at once, and one after the other' -r -f
complete -c fetch -l proto -d 'Allow these schemes alone: =https, -all,+http' -r -f
complete -c fetch -l proto-default -d 'The scheme of URLs without one' -r -f
complete -c fetch -l proto-redir -d 'As --proto, for redirects' -r -f
complete -c fetch -s x -l proxy -d 'Go through this proxy' -r -f
complete -c fetch -l proxy-cacert -d 'Believe these authorities, of the proxy' -r -F
complete -c fetch -l proxy-capath -d 'Believe authorities in there, of the proxy' -r -f -a "(__fish_complete_directories)"
complete -c fetch -l proxy-cert -d 'Who we are, to the proxy' -r -F
complete -c fetch -l proxy-cert-type -d 'What --proxy-cert is: PEM or DER' -r -f
complete -c fetch -l proxy-ciphers -d 'Ciphers of TLS 1.2 with the proxy' -r -f
complete -c fetch -l proxy-header -d 'Add, change or leave out a field to the proxy' -r -f
complete -c fetch -l proxy-key -d 'The key of --proxy-cert' -r -F
complete -c fetch -l proxy-key-type -d 'What --proxy-key is: PEM or DER' -r -f
complete -c fetch -l proxy-pinnedpubkey -d 'The key that the proxy must have' -r -f
complete -c fetch -l proxy-tls13-ciphers -d 'Ciphers of TLS 1.3 with the proxy' -r -f
complete -c fetch -s U -l proxy-user -d 'Log in to the proxy as this user' -r -f
complete -c fetch -l proxy1.0 -d 'Go through this proxy, which is asked in HTTP/1.0' -r -f
complete -c fetch -s r -l range -d 'Ask for these octets alone' -r -f
complete -c fetch -l rate -d 'So many transfers a second, minute, hour, day' -r -f
complete -c fetch -s e -l referer -d 'Say where we come from; \';auto\' for redirects' -r -f
complete -c fetch -s X -l request -d 'Ask with this method' -r -f
complete -c fetch -l request-target -d 'Put this into the request line' -r -f
complete -c fetch -l resolve -d 'Answers for names, instead of a server\'s' -r -f
complete -c fetch -l retry -d 'Try again, so often, where that may help' -r -f
complete -c fetch -l retry-delay -d 'Time between tries' -r -f
complete -c fetch -l retry-max-time -d 'Try again only so long' -r -f
complete -c fetch -l runs -d 'So many times, and percentiles' -r -f
complete -c fetch -l socks4 -d 'Go through this SOCKS4 proxy' -r -f
complete -c fetch -l socks4a -d 'The same, and it looks names up' -r -f
complete -c fetch -l socks5 -d 'Go through this SOCKS5 proxy' -r -f
complete -c fetch -l socks5-hostname -d 'Go through this SOCKS5 proxy, which looks names up' -r -f
complete -c fetch -s Y -l speed-limit -d 'Give up where fewer octets come in a second' -r -f
complete -c fetch -s y -l speed-time -d 'Give up where they are fewer for so long' -r -f
complete -c fetch -l stderr -d 'Write there what goes to stderr' -r -F
complete -c fetch -s z -l time-cond -d 'Only what is newer than a date or a file (-: older)' -r -f
complete -c fetch -l tls-max -d 'No version of TLS above this' -r -f
complete -c fetch -l tls13-ciphers -d 'Ciphers of TLS 1.3' -r -f
complete -c fetch -l trace -d 'Write all octets to this file, in hexadecimal' -r -F
complete -c fetch -l trace-ascii -d 'Write all octets to this file, as text' -r -F
complete -c fetch -l trace-dns -d 'Follow the name from the root down, or from this server' -r
complete -c fetch -l unix-socket -d 'Connect to this Unix socket' -r -f
complete -c fetch -s T -l upload-file -d 'Send this file (-: stdin)' -r -F
complete -c fetch -l url -d 'Where to; @file for one URL on each line' -r -f
complete -c fetch -l url-query -d 'Add this to the URL\'s query' -r -f
complete -c fetch -s u -l user -d 'Log in as this user' -r -f
complete -c fetch -s A -l user-agent -d 'Say that we are this program' -r -f
complete -c fetch -s w -l write-out -d 'Write this at the end, its variables replaced' -r -f
complete -c fetch -l anyauth -d 'Log in by the best way that the server offers'
complete -c fetch -l basic -d 'Log in by Basic'
complete -c fetch -l ca-native -d 'Believe whom this system believes, besides --cacert'
complete -c fetch -l compare -d 'Try HTTP/1.1, 2, 3 over IPv4 and IPv6'
complete -c fetch -l compressed -d 'Offer content codings and undo them'
complete -c fetch -l create-dirs -d 'Make directories that are not there'
complete -c fetch -l digest -d 'Log in by Digest'
complete -c fetch -s q -l disable -d 'As the first word: do not read ~/.curlrc'
complete -c fetch -l disallow-username-in-url -d 'Refuse URLs with a user in them'
complete -c fetch -l doctor -d 'Say all that is wrong with certificates'
complete -c fetch -l explain-cache -d 'Say what caches may do, and ask again'
complete -c fetch -s f -l fail -d 'Fail, without a body, where the status is 400 or more'
complete -c fetch -l fail-early -d 'End at the first failure'
complete -c fetch -l fail-with-body -d 'Fail where the status is 400 or more, and keep the body'
complete -c fetch -l follow -d 'Follow redirects, with methods as their status says'
complete -c fetch -l form-escape -d 'Escape names in forms by backslashes'
complete -c fetch -s G -l get -d 'Put what would be sent into the URL'
complete -c fetch -s g -l globoff -d 'Braces and brackets are part of URLs'
complete -c fetch -l haproxy-protocol -d 'Send a line of the PROXY protocol first'
complete -c fetch -s I -l head -d 'Ask for the head alone'
complete -c fetch -l http0.9 -d 'Take responses without a head'
complete -c fetch -s 0 -l http1.0 -d 'Speak HTTP/1.0'
complete -c fetch -l http1.1 -d 'Speak HTTP/1.1'
complete -c fetch -l http2 -d 'Speak HTTP/2 where the server does'
complete -c fetch -l http2-prior-knowledge -d 'Speak HTTP/2 without asking'
complete -c fetch -l http3 -d 'Speak HTTP/3 where the server does'
complete -c fetch -l http3-only -d 'Speak HTTP/3 and nothing else'
complete -c fetch -l ignore-content-length -d 'Do not believe Content-Length'
complete -c fetch -s k -l insecure -d 'Believe any server'
complete -c fetch -s 4 -l ipv4 -d 'Use IPv4 alone'
complete -c fetch -s 6 -l ipv6 -d 'Use IPv6 alone'
complete -c fetch -l json -d 'Send this as JSON; without data, tell all in JSON'
complete -c fetch -s j -l junk-session-cookies -d 'Leave out cookies of an earlier session'
complete -c fetch -l lint -d 'Say what is not as it should be in responses'
complete -c fetch -s L -l location -d 'Follow redirects'
complete -c fetch -l location-trusted -d 'Follow redirects, and log in wherever they lead'
complete -c fetch -s n -l netrc -d 'Take logins from ~/.netrc; -n with a number: --runs'
complete -c fetch -l netrc-optional -d 'As --netrc, and what the URL says comes first'
complete -c fetch -s : -l next -d 'What follows has options of its own'
complete -c fetch -s N -l no-buffer -d 'Write what comes at once'
complete -c fetch -l no-clobber -d 'Do not write over files; take another name'
complete -c fetch -l no-keepalive -d 'Send no probes while nothing comes'
complete -c fetch -l no-progress-meter -d 'Do not show how far it is'
complete -c fetch -l no-sessionid -d 'Do not resume sessions'
complete -c fetch -l out-null -d 'Throw away what comes'
complete -c fetch -s Z -l parallel -d 'Transfer many at a time'
complete -c fetch -l parallel-immediate -d 'New connections rather than waiting, with -Z'
complete -c fetch -l path-as-is -d 'Leave .. and . in paths'
complete -c fetch -l post301 -d 'A POST stays one behind status 301'
complete -c fetch -l post302 -d 'A POST stays one behind status 302'
complete -c fetch -l post303 -d 'A POST stays one behind status 303'
complete -c fetch -s # -l progress-bar -d 'Show a bar while it goes on'
complete -c fetch -l proxy-anyauth -d 'Log in to the proxy by the best way that it offers'
complete -c fetch -l proxy-basic -d 'Log in to the proxy by Basic'
complete -c fetch -l proxy-ca-native -d 'Believe whom this system believes, of the proxy'
complete -c fetch -l proxy-digest -d 'Log in to the proxy by Digest'
complete -c fetch -l proxy-insecure -d 'Believe any proxy'
complete -c fetch -l proxy-tlsv1 -d 'TLS 1.0 or later with the proxy'
complete -c fetch -s p -l proxytunnel -d 'Ask the proxy for a tunnel (CONNECT)'
complete -c fetch -l raw -d 'Bodies with all codings on them, text as it came'
complete -c fetch -s J -l remote-header-name -d 'With -O, take the name that the server gives'
complete -c fetch -s O -l remote-name -d 'Write to a file named as in the URL'
complete -c fetch -l remote-name-all -d 'Act as with -O for each URL'
complete -c fetch -s R -l remote-time -d 'Give files the time that the server says'
complete -c fetch -l remove-on-error -d 'Remove the file where a transfer fails'
complete -c fetch -l retry-all-errors -d 'Try again whatever the failure'
complete -c fetch -l retry-connrefused -d 'Try again where a connection was refused'
complete -c fetch -l secrets -d 'Show logins and cookies in JSON and HAR'
complete -c fetch -s S -l show-error -d 'Say what failed, even with --silent'
complete -c fetch -s i -l show-headers -d 'Write heads before bodies'
complete -c fetch -s s -l silent -d 'Say nothing'
complete -c fetch -l skip-existing -d 'Transfer nothing where the file is there'
complete -c fetch -l story -d 'Tell every step in plain words'
complete -c fetch -l styled-output -d 'Show names of fields bold on a terminal'
complete -c fetch -l suppress-connect-headers -d 'Do not write heads of the proxy\'s answer to CONNECT'
complete -c fetch -l tcp-fastopen -d 'Send with the SYN (TCP Fast Open)'
complete -c fetch -l tcp-nodelay -d 'Send small pieces at once'
complete -c fetch -l timing -d 'Show where the time went'
complete -c fetch -l tls-earlydata -d 'Send requests with the first flight of TLS 1.3'
complete -c fetch -s 1 -l tlsv1 -d 'TLS 1.0 or later (which is 1.2 here)'
complete -c fetch -l tlsv1.0 -d 'TLS 1.0 or later (which is 1.2 here)'
complete -c fetch -l tlsv1.1 -d 'TLS 1.1 or later (which is 1.2 here)'
complete -c fetch -l tlsv1.2 -d 'TLS 1.2 or later'
complete -c fetch -l tlsv1.3 -d 'TLS 1.3 or later'
complete -c fetch -l tr-encoding -d 'Offer transfer codings and undo them'
complete -c fetch -l trace-ids -d 'With numbers of transfers and connections'
complete -c fetch -l trace-time -d 'With the time of each line'
complete -c fetch -s v -l verbose -d 'Tell what happens; more with -vv'
complete -c fetch -s V -l version -d 'Show what this is'
complete -c fetch -l warm -d 'Keep the connection between runs'
