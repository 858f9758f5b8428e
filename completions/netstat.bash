_netstat() {
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
                cmd="netstat"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        netstat)
            opts="-r -i -g -s -M -F -C -t -u -U -S -w -2 -f -l -a -A -4 -6 -x -n -N -e -p -o -Z -T -W -v -c -h -V --route --interfaces --groups --statistics --masquerade --fib --cache --tcp --udp --udplite --sctp --raw --l2cap --rfcomm --listening --all --protocol --inet --inet6 --unix --numeric --numeric-hosts --numeric-ports --numeric-users --symbolic --extend --programs --timers --context --wide --verbose --continuous --json --info --memory --cgroup --summary --events --net-ns --pid-ns --all-ns --kill --yes --diagnose --watch --interval --explain --connection --filter --pretty --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --protocol)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -A)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --net-ns)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pid-ns)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --filter)
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
    complete -F _netstat -o nosort -o bashdefault -o default netstat
else
    complete -F _netstat -o bashdefault -o default netstat
fi
