namespace PaaS.Buildpacks;

/// <summary>What the dynos of a Python app source before they start.</summary>
internal static class PythonProfile
{
    private const string Main = """
        export PATH="$HOME/.heroku/python/bin:$PATH"
        export PYTHONUNBUFFERED=true
        export LANG="${LANG:-C.UTF-8}"
        export PYTHONPATH="${PYTHONPATH:-$HOME}"
        export PIP_DISABLE_PIP_VERSION_CHECK=1

        """;

    private const string Gunicorn = """
        export FORWARDED_ALLOW_IPS='*'
        export GUNICORN_CMD_ARGS="${GUNICORN_CMD_ARGS:---access-logfile -}"

        """;

    /// <summary>Heroku's rule: two processes per core and one more, but 256 MB for each.</summary>
    private const string Concurrency = """
        # Sets WEB_CONCURRENCY, which gunicorn and uvicorn read, unless the app has set it.
        paas_python_memory=${MEMORY_AVAILABLE:-}
        if [ -z "$paas_python_memory" ]; then
            for paas_python_limit in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
                [ -r "$paas_python_limit" ] || continue
                read -r paas_python_bytes <"$paas_python_limit"
                case $paas_python_bytes in
                    '' | *[!0-9]*) ;;
                    *) paas_python_memory=$((paas_python_bytes / 1048576)) ;;
                esac
            done
        fi
        case $paas_python_memory in
            '' | *[!0-9]*) ;;
            *)
                # More than 1 TB is no limit at all.
                if [ "$paas_python_memory" -le 1048576 ]; then
                    export DYNO_RAM=$paas_python_memory
                    if [ -z "${WEB_CONCURRENCY+set}" ]; then
                        export WEB_CONCURRENCY_SET_BY=heroku/python
                        WEB_CONCURRENCY=$((paas_python_memory / 256))
                        [ "$WEB_CONCURRENCY" -ge 1 ] || WEB_CONCURRENCY=1
                        paas_python_cores=$(nproc 2>/dev/null || echo 1)
                        [ "$WEB_CONCURRENCY" -le $((paas_python_cores * 2 + 1)) ] || WEB_CONCURRENCY=$((paas_python_cores * 2 + 1))
                        export WEB_CONCURRENCY
                    fi
                fi
                ;;
        esac
        unset paas_python_memory paas_python_limit paas_python_bytes paas_python_cores

        """;

    /// <summary>Writes the scripts.</summary>
    public static void Write(BuildContext context)
    {
        // Modules that are installed in place ('--editable') are found by absolute paths; in a sandbox these hold in dynos, too.
        var editable = context.IsSandboxed ? string.Empty : $$"""
            find "$HOME/.heroku/python/lib" -type f \( -name '*.egg-link' -o -name '*.pth' -o -name '__editable___*_finder.py' \) -exec sed -i -e "s#{{context.AppPath}}#$HOME#g" {} +

            """;
        context.WriteFile(".profile.d/python.sh", Main + editable);
        context.WriteFile(".profile.d/python.gunicorn.sh", Gunicorn);
        context.WriteFile(".profile.d/WEB_CONCURRENCY.sh", Concurrency);
    }
}
