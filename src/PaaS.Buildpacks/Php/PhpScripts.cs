namespace PaaS.Buildpacks;

/// <summary>The text of the programs of <see cref="PhpRunner"/>.</summary>
internal static class PhpScripts
{
    /// <summary>
    /// Starts php-fpm and nginx, or PHP's own server where one of them is missing. What is no file goes to index.php, as the .htaccess
    /// of the frameworks has it. When one of the two ends, so does the other, and the dyno with them.
    /// </summary>
    public const string Serve = """
        #!/usr/bin/env bash
        # Serves a PHP app with what this machine has. Written by the platform's PHP buildpack.
        set -uo pipefail
        name=${0##*/}
        usage() {
          echo "Usage: $name [-C NGINX_INCLUDE] [-F FPM_INCLUDE] [-i PHP_INI] [-p PORT] [DOCUMENT_ROOT]"
          echo "  DOCUMENT_ROOT  the directory to serve; the app's root if left out"
          echo "  -C             server rules to use instead of the standard ones (heroku-php-nginx only)"
          echo "  -F             more settings for php-fpm's pool"
          echo "  -i             a php.ini to use instead of the machine's"
          echo "  -p             the port; \$PORT if left out"
        }
        fail() { echo "$name: $*" >&2; exit 2; }
        port=${PORT:-5000} rules= pool= ini=
        while getopts ':C:F:i:l:p:c:tvh' option; do
          case $option in
            C) rules=$OPTARG ;;
            F) pool=$OPTARG ;;
            i) ini=$OPTARG ;;
            p) port=$OPTARG ;;
            l | v | t) ;; # What is logged goes to the app's log; there are no files to name.
            h) usage; exit 0 ;;
            c) fail "-c, a whole configuration, is not offered by this platform: write server rules for nginx, and give them with -C" ;;
            *) usage >&2; fail "-${OPTARG:-} is no option of this program, or lacks its value" ;;
          esac
        done
        shift $((OPTIND - 1))
        [ $# -le 1 ] || fail "one document root at most; given: $*"
        [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || fail "'$port' is no port"
        root=$(cd -- "${1:-.}" 2>/dev/null && pwd) || fail "the document root '${1:-.}' is no directory of the app"
        file() { [ -z "$1" ] || { [ -f "$1" ] && readlink -f -- "$1"; } || fail "'$1' is no file of the app"; }
        rules=$(file "$rules") && pool=$(file "$pool") && ini=$(file "$ini") || exit 2
        [[ $root$rules$pool != *[\"\$\;]* && $root != *$'\n'* ]] || fail "a path has a quote, a semicolon or a dollar sign, which nginx can't take: $root"
        [[ $name == *nginx* || -z $rules ]] || fail "-C is not offered for Apache, which this platform doesn't have: write rules for nginx and use heroku-php-nginx, or leave it out if all it does is send requests to index.php"

        workers=${WEB_CONCURRENCY:-4}
        [[ $workers =~ ^[1-9][0-9]{0,3}$ ]] || workers=4
        version=$(php -r 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;') || fail "PHP does not run on this machine"
        find() { PATH="$PATH:/usr/local/sbin:/usr/sbin" type -P "$1"; }
        nginx=$(find nginx)
        fpm=$(find "php-fpm$version" || find php-fpm)
        cd "$HOME" || exit 1

        if [ -z "$nginx" ] || [ -z "$fpm" ]; then
          [ -z "$rules$pool" ] || fail "-C and -F need php-fpm and nginx, which this machine does not have both"
          echo "$name: serving $root with PHP's own server: this machine does not have both php-fpm and nginx"
          export PHP_CLI_SERVER_WORKERS=$workers
          exec php ${ini:+-c "$ini"} -d variables_order=EGPCS -S "0.0.0.0:$port" -t "$root" "$HOME/.heroku/php/router.php"
        fi

        umask 077
        run=$(mktemp -d) || exit 1
        # Only where root runs an app by hand: both would read the files as somebody else.
        nginx_user= fpm_user= fpm_option=
        if [ "$EUID" -eq 0 ]; then nginx_user='user root;' fpm_user=$'user = root\ngroup = root' fpm_option=--allow-to-run-as-root; fi
        trap 'rm -rf "$run"' EXIT
        cat >"$run/php-fpm.conf" <<CONF
        [global]
        daemonize = no
        error_log = $run/php-fpm.log
        log_level = warning
        [web]
        $fpm_user
        listen = $run/php.sock
        pm = ondemand
        pm.max_children = $workers
        pm.process_idle_timeout = 60s
        clear_env = no
        catch_workers_output = yes
        decorate_workers_output = no
        php_admin_value[error_log] = /proc/self/fd/2
        php_admin_flag[log_errors] = on
        ${pool:+include=$pool}
        CONF
        if [ -f "$root/index.php" ]; then
          missing='rewrite ^ /index.php last;' fallback='/index.php$is_args$args'
        else
          missing='return 404;' fallback='=404'
        fi
        cat >"$run/nginx.conf" <<CONF
        $nginx_user
        daemon off;
        pid "$run/nginx.pid";
        error_log stderr;
        worker_processes 1;
        events { worker_connections 4096; }
        http {
            include "$HOME/.heroku/nginx/mime.types";
            include "$HOME/.heroku/php/http.conf";
            client_max_body_size 0;
            client_body_temp_path "$run/client_body";
            proxy_temp_path "$run/proxy";
            fastcgi_temp_path "$run/fastcgi";
            uwsgi_temp_path "$run/uwsgi";
            scgi_temp_path "$run/scgi";
            fastcgi_buffers 256 4k;
            map \$http_x_forwarded_proto \$app_https { default ""; https on; }
            upstream heroku-fcgi { server "unix:$run/php.sock"; }
            server {
                listen $port;
                root "$root";
                index index.php index.html index.htm;
                location ~ /\.(?!well-known(?:/|\$)) { return 404; }
                location ~ ^/(?:composer\.(?:json|lock)|Procfile)\$ { return 404; }
                include "$run/rules.conf";
                location @heroku-fcgi { include "$run/fastcgi.conf"; }
                location ~ [^/]\.php(?:/|\$) {
                    fastcgi_split_path_info ^(.+?\.php)(/.*)\$;
                    if (!-f \$document_root\$fastcgi_script_name) { $missing }
                    include "$run/fastcgi.conf";
                }
            }
        }
        CONF
        if [ -n "$rules" ]; then
          printf 'include "%s";\n' "$rules" >"$run/rules.conf"
        else
          printf 'location / { try_files $uri $uri/ %s; }\n' "$fallback" >"$run/rules.conf"
        fi
        cat >"$run/fastcgi.conf" <<'CONF'
        fastcgi_pass heroku-fcgi;
        fastcgi_index index.php;
        fastcgi_read_timeout 1h;
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        fastcgi_param SCRIPT_NAME $fastcgi_script_name;
        fastcgi_param PATH_INFO $fastcgi_path_info;
        fastcgi_param DOCUMENT_ROOT $document_root;
        fastcgi_param DOCUMENT_URI $document_uri;
        fastcgi_param REQUEST_URI $request_uri;
        fastcgi_param REQUEST_METHOD $request_method;
        fastcgi_param REQUEST_SCHEME $scheme;
        fastcgi_param QUERY_STRING $query_string;
        fastcgi_param CONTENT_TYPE $content_type;
        fastcgi_param CONTENT_LENGTH $content_length;
        fastcgi_param SERVER_PROTOCOL $server_protocol;
        fastcgi_param SERVER_SOFTWARE nginx;
        fastcgi_param GATEWAY_INTERFACE CGI/1.1;
        fastcgi_param REMOTE_ADDR $remote_addr;
        fastcgi_param REMOTE_PORT $remote_port;
        fastcgi_param SERVER_ADDR $server_addr;
        fastcgi_param SERVER_PORT $server_port;
        fastcgi_param SERVER_NAME $host;
        fastcgi_param HTTPS $app_https if_not_empty;
        fastcgi_param HTTP_PROXY "";
        fastcgi_param REDIRECT_STATUS 200;
        CONF

        "$fpm" --nodaemonize --force-stderr $fpm_option --fpm-config "$run/php-fpm.conf" ${ini:+-c "$ini"} &
        fpm_id=$!
        for ((i = 0; i < 100; i++)); do
          [ ! -S "$run/php.sock" ] && kill -0 "$fpm_id" 2>/dev/null || break
          sleep 0.05
        done
        "$nginx" -e stderr -p "$run" -c "$run/nginx.conf" &
        nginx_id=$!
        # Both finish what they are doing on SIGQUIT.
        trap 'kill -QUIT "$nginx_id" "$fpm_id" 2>/dev/null' TERM INT
        wait -n "$nginx_id" "$fpm_id"
        status=$?
        kill -QUIT "$nginx_id" "$fpm_id" 2>/dev/null
        wait "$nginx_id" "$fpm_id"
        exit "$status"

        """;

    /// <summary>The same rules for PHP's own server.</summary>
    public const string Router = """
        <?php
        // Decides what PHP's own server does with a request: the rules that nginx has where it is there.
        $__file = (static function (): ?string {
            $root = $_SERVER['DOCUMENT_ROOT'];
            $path = rawurldecode(strtok($_SERVER['REQUEST_URI'], '?') ?: '/');
            if (preg_match('#/\.(?!well-known(?:/|$))#', $path) || preg_match('#^/(?:composer\.(?:json|lock)|Procfile)$#', $path) || str_contains($path, "\0")) {
                http_response_code(404);
                echo "Not Found\n";
                return null;
            }
            if (($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '') === 'https') {
                $_SERVER['HTTPS'] = 'on';
            }
            if (is_file($root . $path) || preg_match('#^(.+?\.php)/#', $path, $script) && is_file($root . $script[1])) {
                return '';
            }
            if (is_dir($root . $path)) {
                foreach (['index.php', 'index.html'] as $index) {
                    if (is_file(rtrim($root . $path, '/') . '/' . $index)) {
                        return '';
                    }
                }
            }
            if (!is_file($root . '/index.php')) {
                http_response_code(404);
                echo "Not Found\n";
                return null;
            }
            $_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
            $_SERVER['SCRIPT_FILENAME'] = $root . '/index.php';
            unset($_SERVER['PATH_INFO']);
            chdir($root);
            return $root . '/index.php';
        })();
        if ($__file === '') {
            return false;
        }
        if ($__file !== null) {
            require $__file;
        }

        """;
}
