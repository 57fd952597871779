namespace PaaS.Buildpacks;

/// <summary>
/// What a dyno's shell runs before an app of the JVM starts: where Java is, how much memory it may take of the dyno's size (the options
/// of Heroku's JVM buildpack), and the addresses of databases as JDBC wants them.
/// </summary>
internal static class JvmProfile
{
    /// <summary>The file in the app's tree that sets the variables of Java.</summary>
    public const string JavaPath = ".profile.d/jvmcommon.sh";

    /// <summary>The file in the app's tree that sets the variables of JDBC.</summary>
    public const string JdbcPath = ".profile.d/jdbc.sh";

    /// <summary>The script for the variables of JDBC.</summary>
    public const string Jdbc = """
        # DATABASE_URL and its like in the form that JDBC drivers take.
        __paas_jdbc() {
            local scheme=${2%%://*} rest=${2#*://} user password place query fragment=
            case $scheme in
                postgres | postgresql) scheme=postgresql ;;
                mysql | mariadb) ;;
                *) return 0 ;;
            esac
            case $rest in
                ?*:?*@?*) ;;
                *) return 0 ;;
            esac
            user=${rest%%:*}
            rest=${rest#*:}
            password=${rest%%@*}
            place=${rest#*@}
            case $place in *'#'*) fragment="#${place#*#}" place=${place%%#*} ;; esac
            case $place in *'?'*) query="${place#*\?}&" place=${place%%\?*} ;; *) query= ;; esac
            export "$1_URL=jdbc:$scheme://$place?${query}password=$password&user=$user$fragment" "$1_USERNAME=$user" "$1_PASSWORD=$password"
        }

        if [ -n "${DATABASE_URL:-}" ]; then
            __paas_jdbc JDBC_DATABASE "$DATABASE_URL"
            if [ -n "${DATABASE_CONNECTION_POOL_URL:-}" ]; then
                __paas_jdbc JDBC_DATABASE "$DATABASE_CONNECTION_POOL_URL"
                __paas_jdbc DATABASE_CONNECTION_POOL_JDBC "$DATABASE_CONNECTION_POOL_URL"
            fi
        else
            for __paas_name in CLEARDB_DATABASE_URL JAWSDB_MARIA_URL JAWSDB_URL; do
                if [ -n "${!__paas_name:-}" ]; then __paas_jdbc JDBC_DATABASE "${!__paas_name}"; fi
            done
        fi
        for __paas_name in ${!HEROKU_POSTGRESQL_@}; do
            case $__paas_name in *_URL) __paas_jdbc "${__paas_name%_URL}_JDBC" "${!__paas_name}" ;; esac
        done
        unset __paas_name
        unset -f __paas_jdbc

        if [ "${DISABLE_SPRING_DATASOURCE_URL:-}" != true ] && [ -n "${JDBC_DATABASE_URL:-}" ] \
            && [ -z "${SPRING_DATASOURCE_URL:-}${SPRING_DATASOURCE_USERNAME:-}${SPRING_DATASOURCE_PASSWORD:-}" ]; then
            export SPRING_DATASOURCE_URL=$JDBC_DATABASE_URL
            export SPRING_DATASOURCE_USERNAME=${JDBC_DATABASE_USERNAME:-} SPRING_DATASOURCE_PASSWORD=${JDBC_DATABASE_PASSWORD:-}
        fi

        """;

    private const string Memory = """
        # The dyno's memory in MB: the platform says it, or else the control group does.
        __paas_memory() {
            local file bytes
            if [[ ${MEMORY_AVAILABLE:-} =~ ^[1-9][0-9]{0,7}$ ]]; then
                echo "$MEMORY_AVAILABLE"
                return
            fi
            for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
                # "max", or a number beyond any machine, is no limit.
                if [ -r "$file" ] && read -r bytes <"$file" && [[ $bytes =~ ^[1-9][0-9]{0,12}$ ]]; then
                    echo $((bytes / 1048576))
                    return
                fi
            done
        }

        __paas_java_options() {
            local memory options=-Dfile.encoding=UTF-8
            memory=$(__paas_memory)
            if [ -n "$memory" ]; then options="$options -XX:MaxRAM=${memory}m"; fi
            case $memory in
                512) options="$options -Xmx300m -Xss512k -XX:CICompilerCount=2" ;;
                1024) options="$options -Xmx671m -XX:CICompilerCount=2" ;;
                # Not known: a quarter of the machine, as Java itself has it.
                '') ;;
                *) options="$options -XX:MaxRAMPercentage=80.0" ;;
            esac
            echo "$options"
        }

        __paas_options=$(__paas_java_options)
        export JAVA_OPTS="$__paas_options${JAVA_OPTS:+ }${JAVA_OPTS:-}"
        case ${DYNO:-} in
            run.*) ;;
            *)
                # Other types than web may speak to a program, which wants no line that it does not know.
                case ${DYNO:-} in web.*) echo 'Setting JAVA_TOOL_OPTIONS defaults based on dyno size. Custom settings will override them.' >&2 ;; esac
                export JAVA_TOOL_OPTIONS="$__paas_options${JAVA_TOOL_OPTIONS:+ }${JAVA_TOOL_OPTIONS:-}"
                ;;
        esac
        unset __paas_options
        unset -f __paas_memory __paas_java_options

        """;

    /// <summary>The script for the variables of Java.</summary>
    /// <param name="home">The directory of the JDK, written for a shell: <c>/usr/lib/jvm/java-17-openjdk-amd64</c> or <c>$HOME/.jdk</c>.</param>
    public static string Java(string home) => $"""
        # Java for this dyno. What the app's config vars set in JAVA_OPTS and JAVA_TOOL_OPTIONS comes last, and wins.
        if [ -x "{home}/bin/java" ]; then
            export JAVA_HOME="{home}"
            export PATH="$JAVA_HOME/bin:$PATH"
        fi


        """ + Memory;
}
