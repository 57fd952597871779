namespace PaaS.Hosting;

/// <summary>
/// The one hook: a constant script that asks the host. It works on the FIFOs of the directory that its environment names:
/// <code>
/// request   hook -> host    quarantine NAME / OLD NEW REF ... / end
/// output    host -> hook    shown to the client as it comes; its end means that the verdict is there
/// verdict   a file          accepted | rejected
/// </code>
/// A host that dies closes its ends, and then the output ends without a verdict.
/// </summary>
internal static class GitHook
{
    public const string Name = "pre-receive";
    public const string DirectoryVariable = "PAAS_PUSH_DIRECTORY";
    public const string Request = "request";
    public const string Output = "output";
    public const string Verdict = "verdict";
    public const string Accepted = "accepted";
    public const string Rejected = "rejected";

    // Each FIFO is first opened both ways, which never waits, and only then the way it is used: so that a host which is gone
    // shows as an end or as EPIPE, and not as a wait for ever.
    private const string Script = """
        #!/bin/sh
        # Written by the host at each start; changes are lost.
        trap '' PIPE
        lost() {
            echo ' !     The platform stopped during this push. Push again when it is back.' >&2
            exit 1
        }
        cd "$PAAS_PUSH_DIRECTORY" 2>/dev/null && [ -p request ] && [ -p output ] || lost
        exec 3<>output 4<output 3>&-
        exec 3<>request 5>request 3>&-
        { printf 'quarantine %s\n' "${GIT_QUARANTINE_PATH##*/}" && cat && echo end; } 2>/dev/null >&5 || lost
        exec 5>&-
        cat <&4 >&2
        read -r verdict 2>/dev/null <verdict
        case $verdict in
        accepted) exit 0 ;;
        rejected) exit 1 ;;
        *) lost ;;
        esac

        """;

    /// <summary>Makes a directory of hooks hold this one and no other.</summary>
    public static void Write(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var other in Directory.EnumerateFiles(directory).Where(file => Path.GetFileName(file) != Name))
        {
            File.Delete(other);
        }

        var path = Path.Combine(directory, Name);
        DurableFile.Write(path, System.Text.Encoding.ASCII.GetBytes(Script.ReplaceLineEndings("\n")));
        Posix.SetMode(path, (UnixFileMode)0b111_101_101);
    }
}
