namespace PaaS.Buildpacks.Tests;

/// <summary>Buildpacks written here that do what real ones do.</summary>
public sealed class ClassicBuildpackTests
{
    private static TarBuilder App => new TarBuilder().File("Procfile", "web: serve\n");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Scripts_get_the_arguments_variables_and_directories_of_Herokus_builds(bool sandboxed)
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed);
        var buildpack = scene.Buildpack(
            "look",
            compile: """
                echo "names $(env | grep -o '^[A-Z_]*' | grep -v PAAS_PROCESS | sort | tr '\n' ' ')"
                echo "stack $STACK commit $SOURCE_VERSION curl $CURL_CONNECT_TIMEOUT $CURL_TIMEOUT path $PATH"
                echo "arguments $#"; [ "$1" != /app ] && [ -f "$1/Procfile" ] && [ -d "$2" ] && echo dirs good
                ls -A "$HOME" | wc -l; touch "$HOME/x" && mktemp >/dev/null && echo "writable $(cat lib/word)"
                [ -n "$REQUEST_ID" ] && [ "$(basename "$0")" = compile ] && [ "$PWD/bin/compile" = "$0" ] && echo root good
                cd "$3" && ls | tr '\n' ' '; od -An -c PLAIN; od -An -c LINES
                echo "user $(id -u)"
                """,
            files: [("lib/word", "relative")]);

        await scene.SucceedAsync(App, [("PLAIN", "no newline"), ("LINES", "a\nb\n"), ("PYTHONPATH", "/x")], buildpack);

        scene.AssertSaid("names CURL_CONNECT_TIMEOUT CURL_TIMEOUT HOME PATH PWD REQUEST_ID SHLVL SOURCE_VERSION STACK TMPDIR _");
        scene.AssertSaid("stack heroku-24 commit 0123456789abcdef0123456789abcdef01234567 curl 30 180 path /usr/local/bin:/usr/bin:/bin");
        scene.AssertSaid("arguments 3\ndirs good\n0\nwritable relative\nroot good\nLINES PLAIN PYTHONPATH");
        scene.AssertSaid("   n   o       n   e   w   l   i   n   e\n   a  \\n   b  \\n\n");
        scene.AssertNotSaid("user 0");
    }

    [Fact]
    public async Task Home_is_an_empty_app_directory_beside_the_tree_and_one_for_all_buildpacks_of_a_build()
    {
        await using var scene = await ClassicScene.OpenAsync();
        var first = scene.Buildpack("first", """mkdir -p "$1/.heroku/python" /app/.heroku && ln -s "$1/.heroku/python" /app/.heroku/python && echo "home $HOME" """);
        var second = scene.Buildpack("second", """echo made >/app/.heroku/python/made; [ -e /app/Procfile ] && echo the tree; pwd""");

        var app = await scene.SucceedAsync(App, first, second);

        scene.AssertSaid("home /app\n");
        scene.AssertNotSaid("the tree");
        Assert.Equal("made\n", app.Read(".heroku/python/made"));
        Assert.False(Directory.Exists(Path.Combine(app.Directory, "app")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_buildpack_may_empty_the_tree_and_put_another_in_its_place(bool sandboxed)
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed);
        var buildpack = scene.Buildpack("subdir", """
            shopt -s dotglob
            stage=$(mktemp -d); mv "$1/$(cat "$3/PROJECT_PATH")" "$stage/it" && rm -rf "$1"/* && mv "$stage/it"/* "$1"
            cp -R "$1" "$stage/whole" && rm -rf "$1" && [ ! -e "$1" ] && cp -R "$stage/whole" "$1" && echo replaced
            """);
        var source = new TarBuilder().File(".hidden", "x").File("other/package.json", "{}").File("apps/web/Procfile", "web: inner\n").File("apps/web/.env", "in");

        var app = await scene.SucceedAsync(source, [("PROJECT_PATH", "apps/web")], buildpack);

        Assert.Equal("inner", app.Slug.ProcessTypes[ProcessType.Web]);
        Assert.Equal([".env", "Procfile"], Directory.EnumerateFileSystemEntries(app.Directory).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Three_in_order_hand_on_what_they_export_and_the_last_one_releases(bool sandboxed)
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed);
        const string Release = "echo 'default_process_types:'; echo \"  web: $(basename \"$PWD\" | wc -c) $0\"";
        var first = scene.Buildpack(
            "one",
            """
            mkdir -p "$1/.one/bin"; printf '#!/bin/sh\necho tool\n' >"$1/.one/bin/tool"; chmod +x "$1/.one/bin/tool"
            cat >export <<END
            echo noise
            export PATH="$1/.one/bin:\$PATH" EMPTY=  LINES=\$'a\nb'
            declare -x QUOTED="it's \${MISSING:-there}"
            HOME=/elsewhere; UNEXPORTED=too
            false
            END
            """,
            release: "echo 'default_process_types: {web: first, rake: x}'");
        var second = scene.Buildpack("two", """tool; echo "two: $QUOTED $LINES ${EMPTY+set} $UNEXPORTED $HOME"; echo 'export TWO="$TWO$QUOTED"' >export""", release: Release);
        var third = scene.Buildpack(
            "three",
            """tool; echo "three: $TWO"; mkdir -p "$1/.profile.d"; echo 'export PATH="$HOME/.one/bin:$PATH"' >"$1/.profile.d/one.sh" """,
            release: "printf 'addons:\\nconfig_vars:\\ndefault_process_types:\\n  console: irb ${PORT:-5000}\\n'");

        var app = await scene.SucceedAsync(App, first, second, third);

        scene.AssertSaid("tool\ntwo: it's there a\nb set too ");
        scene.AssertSaid("tool\nthree: it's there\n");
        scene.AssertNotSaid("/elsewhere");
        Assert.Equal("export PATH=\"$HOME/.one/bin:$PATH\"\n", app.Read(".profile.d/one.sh"));
        Assert.Equal(["console=irb ${PORT:-5000}", "web=serve"], app.Slug.ProcessTypes.Select(static t => $"{t.Key}={t.Value}"));
        Assert.False(File.Exists(Path.Combine(scene.Root, "one", "export")));
    }

    [Fact]
    public async Task A_multi_buildpack_runs_those_that_the_app_lists()
    {
        await using var scene = await ClassicScene.OpenAsync(options: static o => o with { ReadOnlyPaths = o.BuildpackRoots });
        foreach (var name in (string[])["a", "b", "c"])
        {
            scene.Buildpack(name, $$"""echo "{{name}} after $SEEN"; echo 'export SEEN="${SEEN}{{name}}"' >"$(dirname "$0")/../export" """, release: $"echo 'default_process_types: {{{{web: from-{name}}}}}'".Replace("{{", "{").Replace("}}", "}"));
        }

        var multi = scene.Buildpack(
            "multi",
            """
            set -e
            for url in $(cat "$1/.packs"); do
              dir=$(mktemp -t packXXXXX); rm -rf "$dir"; cp -r "$url" "$dir"; chmod -f +x "$dir"/bin/*
              cd "$dir"
              echo "=====> Detected Framework: $("$dir/bin/detect" "$1")"
              "$dir/bin/compile" "$1" "$2" "$3"
              [ -e "$dir/export" ] && source "$dir/export"
              "$dir/bin/release" "$1" >"$1/last.out"
            done
            """,
            release: """cat "$1/last.out"; rm "$1/last.out" """);

        var app = await scene.SucceedAsync(new TarBuilder().File(".packs", $"{scene.Root}/a {scene.Root}/b\n{scene.Root}/c\n"), multi);

        scene.AssertSaid("=====> Detected Framework: a\na after \n=====> Detected Framework: b\nb after a\n=====> Detected Framework: c\nc after ab\n");
        Assert.Equal("from-c", app.Slug.ProcessTypes[ProcessType.Web]);
        Assert.False(File.Exists(Path.Combine(app.Directory, "last.out")));
    }

    [Fact]
    public async Task The_cache_may_be_removed_by_its_own_name_and_is_there_for_the_next_build()
    {
        await using var scene = await ClassicScene.OpenAsync();
        var cold = scene.Buildpack("cold", """rm -rf "$2" && [ ! -e "$2" ] && mkdir "$2" && echo kept >"$2/mark" && echo removed""");
        var warm = scene.Buildpack("warm", """cat "$2/mark"; rm -rf "$2"; ln -s /etc "$2" """);
        var after = scene.Buildpack("after", """ls -A "$2" | wc -l; rm -rf "$2"; ln -s /nowhere "$2" """);

        await scene.SucceedAsync(App, cold);
        await scene.SucceedAsync(App, warm);
        await scene.SucceedAsync(new TarBuilder().File("Procfile", "web: x\n"), after);
        await scene.SucceedAsync(new TarBuilder().File("Procfile", "web: y\n"), cold);

        scene.AssertSaid("removed\n");
        scene.AssertSaid("kept\n");
    }

    [Fact]
    public async Task What_detect_prints_becomes_a_name_without_a_terminals_codes()
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed: false);
        var buildpack = scene.Buildpack("odd", detect: """printf '\n\033[1;31m My\tWeb\033[0m \033]0;title\007\001App\r\nsecond line\n'; echo why >&2""");

        await scene.SucceedAsync(App, buildpack);

        scene.AssertSaid("-----> My Web App app detected\n");
        scene.AssertNotSaid("title");
    }

    [Theory]
    [InlineData("exit 0", "printed no name")]
    [InlineData("printf ' \\n\\t'", "printed no name")]
    [InlineData("printf '\\033[1;31m !     ERROR: no Gemfile\\033[0m\\n' >&2; echo shown; exit 1", "ERROR: no Gemfile")]
    [InlineData("echo no Makefile; exit 1", "no Makefile")]
    [InlineData("exit 3", "status 3")]
    [InlineData("yes | head -c 3000000; echo because >&2; exit 1", "because")]
    public async Task A_no_of_a_chosen_buildpack_ends_the_build_with_its_reason(string detect, string reason)
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed: false);

        Assert.Contains(reason, await scene.FailAsync(App, scene.Buildpack("no", detect: detect)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo broken; exit 7", null, "bin/compile", "status 7")]
    [InlineData("kill -9 $$", null, "bin/compile", "status 137")]
    [InlineData("echo 'exit 4' >export", null, "'export'", "status 4")]
    [InlineData("echo 'BIG=$(head -c 300000 /dev/zero | tr \"\\0\" x)' >export", null, "'export'", "Argument list too long")]
    [InlineData("echo 'for i in {1..40}; do export V$i=$(head -c 10000 /dev/zero | tr \"\\0\" x); done' >export", null, "'export'", "256K")]
    [InlineData("true", "echo oops >&2; exit 1", "bin/release", "oops")]
    [InlineData("true", "echo 'default_process_types: [web'", "bin/release", "line 2")]
    [InlineData("true", "echo 'default_process_types:'; echo '  web 1: x'", "bin/release", "line 2: 'web 1'")]
    [InlineData("true", "echo 'a: &x [1]'; echo 'b: *x'", "bin/release", "anchors")]
    [InlineData("true", "yes 'a: b' | head -c 100000", "bin/release", "64K")]
    [InlineData("true", "echo just text", "bin/release", "names and values")]
    public async Task A_script_that_fails_fails_the_build_and_says_which(string compile, string? release, params string[] said)
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed: false);

        var reason = await scene.FailAsync(App, scene.Buildpack("bad", compile, release: release));

        Assert.All(said, text => Assert.Contains(text, reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_report_is_made_after_success_and_failure_and_never_matters()
    {
        await using var scene = await ClassicScene.OpenAsync(sandboxed: false);
        var good = scene.Buildpack("good", """cat "$2/report" 2>/dev/null; echo 'export X=1' >export""", report: """echo "report of $# ${X-no export} $(ls "$1" "$3" | wc -l)" | tee "$2/report"; yes | head -c 1000000; exit 9""");
        var bad = scene.Buildpack("bad", "exit 1", report: "echo said; echo after failure >\"$2/report\"");

        await scene.SucceedAsync(App, good);
        scene.AssertNotSaid("report of");
        await scene.FailAsync(App, bad);
        scene.AssertNotSaid("said");
        await scene.SucceedAsync(App, good);

        scene.AssertSaid("after failure");
    }

    [Fact]
    public async Task A_script_without_a_first_line_is_run_and_one_without_its_interpreter_fails_the_build()
    {
        await using var scene = await ClassicScene.OpenAsync();
        var bare = scene.Buildpack("bare");
        File.WriteAllText(Path.Combine(bare, "bin", "compile"), "echo \"bare $1\"\n");
        var missing = scene.Buildpack("missing");
        File.WriteAllText(Path.Combine(missing, "bin", "compile"), "#!/opt/nothing/python9\n");

        await scene.SucceedAsync(App, bare);
        await scene.FailAsync(App, missing);

        scene.AssertSaid("bare /");
        scene.AssertSaid("cannot execute");
    }
}
