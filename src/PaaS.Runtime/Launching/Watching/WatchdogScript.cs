namespace PaaS.Runtime;

/// <summary>
/// What the watchdog runs: a constant, under any POSIX shell. Its arguments are the directories of the host's groups; on
/// its input come lines, <c>+MARKER:PID:START</c> for a tree that begins and <c>-MARKER</c> for one that has gone. Only at the end of its
/// input, which comes when no process holds the other end any more, does it act.
/// </summary>
/// <remarks>
/// A tree is what is in its groups, has its marker in the environment, is of the session that its first process leads, or is a child of
/// such a process. A number is killed only if the process that had it when it was found to be of a tree, told by
/// the start time, still has it.
/// </remarks>
internal static class WatchdogScript
{
    public const string Text = """
        trap '' HUP INT QUIT TERM PIPE
        cd /
        exec >/dev/null 2>&1 3>&-
        PATH=/usr/local/bin:/usr/bin:/bin
        # A variable for each tree: the shell finds it by its name, however many there are.
        while IFS= read -r line; do
            case ${line#?} in ''|*[!0-9a-f:]*) continue ;; esac
            rest=${line#*:}
            case $line in
            +*:*:*) line=${line#+}; eval "tree_${line%%:*}=\$rest" ;;
            -*) unset "tree_${line#-}" ;;
            esac
        done
        exec </dev/null
        live=" $(set | sed -n "s/^tree_\([0-9a-f]*\)='\{0,1\}\([0-9]*:[0-9]*\)'\{0,1\}$/\1:\2/p" | tr '\n' ' ')"

        # The process's state, parent, session, number of threads (the first may have ended before the others) and start time. Its name may hold anything, line breaks too: the last bracket
        # counts.
        inspect() {
            IFS= read -r stat <"/proc/$1/stat" || return 1
            set -f
            set -- "$1" ${stat##*)}
            if [ $# -lt 21 ] || [ "$stat" = "${stat##*)}" ]; then
                stat=$(cat "/proc/$1/stat") || { set +f; return 1; }
                set -- "$1" ${stat##*)}
            fi
            set +f
            state=$2 parent=$3 session=$5 threads=${19} start=${21}
        }

        kill_group() {
            if [ -e "$1/cgroup.kill" ]; then
                echo 1 >"$1/cgroup.kill"
            fi
            hold= still= free=
            # After cgroup.kill too: it passes by a process whose first thread has ended.
            if [ -e "$1/freezer.state" ]; then hold=$1/freezer.state still=FROZEN free=THAWED
            elif [ -e "$1/cgroup.freeze" ]; then hold=$1/cgroup.freeze still=1 free=0
            fi
            [ -z "$hold" ] || echo $still >"$hold"
            for pid in $(cat "$1/cgroup.procs"); do kill -KILL "$pid"; done
            [ -z "$hold" ] || echo $free >"$hold"
        }

        # All processes, as number:start:parent:session; then those of them that are of our trees.
        find_members() {
            all= leaders=' ' members=' ' patterns=
            for directory in /proc/[0-9]*; do
                inspect "${directory#/proc/}" || continue
                case $state:$threads in Z:[01]|X:*|x:*) alive= ;; *) alive=1 ;; esac
                case $live in *":${directory#/proc/}:$start "*) leaders="$leaders${directory#/proc/} " ;; esac
                [ -z "$alive" ] || all="$all ${directory#/proc/}:$start:$parent:$session"
            done
            for tree in $live; do patterns="$patterns -e PAAS_PROCESS=${tree%%:*}"; done
            for file in $(grep -lzxF $patterns /proc/[0-9]*/environ); do
                file=${file#/proc/}
                members="$members${file%/environ} "
            done
            for process in $all; do
                case $leaders in *" ${process##*:} "*) members="$members${process%%:*} " ;; esac
            done
            grown=1
            while [ -n "$grown" ]; do
                grown=
                for process in $all; do
                    case $members in *" ${process%%:*} "*) continue ;; esac
                    parent=${process#*:*:}
                    case $members in *" ${parent%:*} "*) members="$members${process%%:*} " grown=1 ;; esac
                done
            done
        }

        kill_members() {
            for process in $all; do
                case $members in *" ${process%%:*} "*) ;; *) continue ;; esac
                found=1
                began=${process#*:}
                if inspect "${process%%:*}" && [ "$start" = "${began%%:*}" ]; then
                    kill -KILL "${process%%:*}"
                fi
            done
        }

        round=0 clean=0
        while [ "$live" != ' ' ] && [ $round -lt 400 ] && [ $clean -lt 2 ]; do
            found=
            for tree in $live; do
                for directory; do
                    [ -d "$directory/${tree%%:*}" ] || continue
                    kill_group "$directory/${tree%%:*}"
                    rmdir "$directory/${tree%%:*}" || found=1
                done
            done
            find_members
            kill_members
            if [ -n "$found" ]; then clean=0; sleep 0.02; else clean=$((clean + 1)); fi
            round=$((round + 1))
        done
        """;
}
