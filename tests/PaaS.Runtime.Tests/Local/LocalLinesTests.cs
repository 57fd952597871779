using System.Buffers;
using System.Text;

namespace PaaS.Runtime.Tests;

public sealed class LocalLinesTests
{
    [Fact]
    public void However_the_output_is_cut_into_pieces_the_lines_are_the_same()
    {
        const string Text = "one\n\n  two \r\nthree\u00e9\nno end";
        var bytes = Encoding.UTF8.GetBytes(Text);

        for (var size = 1; size <= bytes.Length; size++)
        {
            Assert.Equal("> one\n> \n>   two \r\n> three\u00e9\n> no end\n", Run(bytes.Chunk(size)));
        }
    }

    [Fact]
    public void Nothing_is_written_before_a_line_is_whole()
    {
        var lines = new LocalLines();
        var output = new ArrayBufferWriter<byte>();

        lines.Write("half"u8, "> "u8, output);

        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void A_line_without_end_is_cut_and_loses_no_byte()
    {
        var bytes = Encoding.ASCII.GetBytes(new string('x', (2 * LocalLines.MaxLineBytes) + 10) + "\n");

        var lines = Run(bytes.Chunk(1000)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal([LocalLines.MaxLineBytes, LocalLines.MaxLineBytes, 10], lines.Select(static line => line.Length - 2));
    }

    private static string Run(IEnumerable<byte[]> chunks)
    {
        var lines = new LocalLines();
        var output = new ArrayBufferWriter<byte>();
        foreach (var chunk in chunks)
        {
            lines.Write(chunk, "> "u8, output);
        }

        lines.Complete("> "u8, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
