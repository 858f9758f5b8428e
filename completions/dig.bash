_dig() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="dig"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        dig)
            opts="-4 -6 -b -c -d -f -h -k -p -q -r -t -u -v -x -y --json --jobs --rate --in-order --retry-file --exit-code --compare --watch --interval --explain --pin --help --version +aaonly +noaaonly +aaflag +noaaflag +additional +noadditional +adflag +noadflag +ad +noad +all +noall +answer +noanswer +authority +noauthority +badcookie +nobadcookie +besteffort +nobesteffort +bufsize +cdflag +nocdflag +cd +nocd +class +noclass +cl +nocl +cmd +nocmd +coflag +nocoflag +co +noco +comments +nocomments +cookie +nocookie +crypto +nocrypto +defname +nodefname +dns64prefix +nodns64prefix +dnssec +nodnssec +do +nodo +domain= +edns +noedns +ednsflags +noednsflags +ednsnegotiation +noednsnegotiation +ednsopt= +noednsopt +expandaaaa +noexpandaaaa +expire +noexpire +fail +nofail +fuzztime +nofuzztime +header-only +noheader-only +https +nohttps +https-get +nohttps-get +https-post +nohttps-post +http-plain +nohttp-plain +http-plain-get +nohttp-plain-get +http-plain-post +nohttp-plain-post +identify +noidentify +idnin +noidnin +idnout +noidnout +ignore +noignore +keepalive +nokeepalive +keepopen +nokeepopen +multiline +nomultiline +ndots= +nsid +nonsid +nssearch +nonssearch +onesoa +noonesoa +opcode= +noopcode +padding= +qid= +noqid +qr +noqr +question +noquestion +raflag +noraflag +rdflag +nordflag +recurse +norecurse +retry= +retries= +rrcomments +norrcomments +search +nosearch +short +noshort +showbadcookie +noshowbadcookie +showsearch +noshowsearch +split +nosplit +stats +nostats +subnet= +nosubnet +tcflag +notcflag +tcp +notcp +timeout= +tls +notls +tls-ca +notls-ca +tls-certfile= +notls-certfile +tls-hostname= +notls-hostname +tls-keyfile= +notls-keyfile +trace +notrace +tries= +ttl +nottl +ttlid +nottlid +ttlunits +nottlunits +unknownformat +nounknownformat +vc +novc +yaml +noyaml +zflag +nozflag +0x20 +no0x20 +http3 +nohttp3 +proxy +noproxy +proxy-plain +noproxy-plain +quic +noquic +tls-pin= +notls-pin +tls-sni= +notls-sni +validate +novalidate +zoneversion +nozoneversion A NS MD MF CNAME SOA MB MG MR NULL WKS PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT NSAP NSAP-PTR SIG KEY PX GPOS AAAA LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT A6 DNAME SINK OPT APL DS SSHFP IPSECKEY RRSIG NSEC DNSKEY DHCID NSEC3 NSEC3PARAM TLSA SMIMEA HIP NINFO RKEY TALINK CDS CDNSKEY OPENPGPKEY CSYNC ZONEMD SVCB HTTPS DSYNC HHIT BRID SPF UINFO UID GID UNSPEC NID L32 L64 LP EUI48 EUI64 TKEY TSIG IXFR AXFR MAILB MAILA ANY URI CAA AVC DOA AMTRELAY RESINFO WALLET TA DLV RESERVED0 IN CH HS NONE"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                -b)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -c)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -k)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -p)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -q)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -x)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -y)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --jobs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --rate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retry-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pin)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _dig -o nosort -o bashdefault -o default dig
else
    complete -F _dig -o bashdefault -o default dig
fi
