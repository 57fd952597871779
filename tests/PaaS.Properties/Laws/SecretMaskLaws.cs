using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

public class SecretMaskLaws
{
    /// <summary>Few letters, so that secrets, their beginnings and the text around them meet.</summary>
    private static readonly Gen<string> Snippets = Gen.Elements("a", "b", "ab", "aab", "%", "%4", "\\", "\\u00", "+", " ", "/", "\"", "é", "😀", "=", "&").ArrayOf().Select(string.Concat);

    private static readonly Gen<string> Secrets =
        from length in Gen.Choose(0, 12)
        from parts in Gen.Elements("a", "b", "ab", "aa", "+", " ", "/", "\"", "\\", "%", "é", "😀", "?>", "\n").ArrayOf(length)
        from end in Gen.Elements("abcabc", "aaaaaa", "zz zz\"z", "q/q/q/q", "é😀é")
        select string.Concat(parts) + end;

    private static readonly Form[] Forms =
    [
        new(static text => text),
        new(static text => Base64(text), 0),
        new(static text => Base64("x" + text + "yy"), 1),
        new(static text => Base64("xy" + text), 2),
        new(static text => Base64(text + "z").Replace('+', '-').Replace('/', '_'), 0),
        new(Uri.EscapeDataString),
        new(static text => Lower(Uri.EscapeDataString(text))),
        new(static text => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal)),
        new(static text => string.Concat(Encoding.UTF8.GetBytes(text).Select(static (b, i) => i % 2 == 0 || b > 127 || b == (byte)'%' ? $"%{b:X2}" : ((char)b).ToString()))),
        new(static text => JsonEncodedText.Encode(text).ToString()),
        new(static text => JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString()),
        new(static text => string.Concat(text.Select(static c => $"\\u{(int)c:x4}"))),
    ];

    [Fact]
    public void No_secret_is_left_in_any_form_however_the_text_is_cut() => Law.HoldsInFull(
        5_000,
        from secret in Secrets
        from form in Gen.Elements(Forms)
        from before in Snippets
        from after in Snippets
        from cuts in Gen.Choose(1, 9).ArrayOf()
        select (secret, form, before, after, cuts),
        x =>
        {
            // What stands before ends in a sign that no escape goes on over.
            var masked = Apply(Mask(x.secret), $"{x.before};{x.form.Of(x.secret)}{x.after}", x.cuts);
            return x.secret.Split('\n', StringSplitOptions.TrimEntries)
                .Where(static line => Encoding.UTF8.GetByteCount(line) >= 6)
                .All(line => Forms.All(form => !masked.Contains(form.Sure(line), StringComparison.Ordinal)));
        });

    [Fact]
    public void What_comes_out_does_not_depend_on_how_the_text_is_cut() => Law.HoldsInFull(
        5_000,
        from secret in Secrets
        from other in Secrets
        from form in Gen.Elements(Forms)
        from before in Snippets
        from between in Snippets
        from cuts in Gen.Choose(1, 9).ArrayOf()
        select (secret, other, form, before, between, cuts),
        x =>
        {
            var mask = Mask(x.secret, x.other);
            var text = x.before + x.form.Of(x.secret) + x.between + x.other + x.form.Of(x.other);
            return Apply(mask, text, x.cuts) == Apply(mask, text, []);
        });

    [Fact]
    public void A_text_without_secrets_is_unchanged_byte_for_byte() => Law.HoldsInFull(
        5_000,
        from secret in Secrets
        from text in Gen.Choose(0, 255).Select(static value => (byte)value).ArrayOf()
        from parts in Snippets
        from cuts in Gen.Choose(1, 9).ArrayOf()
        select (secret, text, parts, cuts),
        x =>
        {
            // The text has no Q, nor enough letters to make base64 of one.
            byte[] bytes = [.. x.text.Select(static b => b == (byte)'Q' ? (byte)'q' : b), .. Encoding.UTF8.GetBytes(x.parts)];
            return Apply(Mask($"Q{x.secret.Replace("\n", "", StringComparison.Ordinal)}Q"), bytes, x.cuts).AsSpan().SequenceEqual(bytes);
        });

    [Fact]
    public void Bytes_between_secrets_stay() => Law.Holds(
        Gen.Elements("-", "one", "two ", "%", "\\").ArrayOf(),
        parts => Apply(Mask("hunter22"), string.Join("hunter22", parts), [3]) == string.Join("[FILTERED]", parts));

    [Fact]
    public void A_line_shows_at_once_what_cannot_be_the_beginning_of_a_secret() => Law.Holds(
        Snippets,
        Gen.Choose(0, 7),
        (before, length) =>
        {
            var output = new ArrayBufferWriter<byte>();
            var masker = new SecretMasker(Mask("XYZXYZXY"), output);
            masker.Write(Encoding.UTF8.GetBytes(before + ";" + "XYZXYZXY"[..length]));
            return Encoding.UTF8.GetString(output.WrittenSpan) == before + ";";
        });

    private static SecretMask Mask(params string[] secrets) =>
        SecretMask.Of(ConfigVars.Empty.Apply(ConfigPatch.Create(secrets.Select(static (secret, i) => new KeyValuePair<string, string?>($"SECRET_{i}", secret)))));

    private static string Apply(SecretMask mask, string text, int[] cuts) => Encoding.UTF8.GetString(Apply(mask, Encoding.UTF8.GetBytes(text), cuts));

    private static byte[] Apply(SecretMask mask, byte[] text, int[] cuts)
    {
        var output = new ArrayBufferWriter<byte>();
        var masker = new SecretMasker(mask, output);
        var at = 0;
        for (var i = 0; at < text.Length; i++)
        {
            var count = cuts.Length == 0 ? text.Length : Math.Min(cuts[i % cuts.Length], text.Length - at);
            masker.Write(text.AsSpan(at, count));
            at += count;
        }

        masker.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Lower(string text) => System.Text.RegularExpressions.Regex.Replace(text, "%[0-9A-F]{2}", static m => m.Value.ToLowerInvariant());

    /// <summary>A way to write a secret.</summary>
    /// <param name="Of">Writes it.</param>
    /// <param name="Before">In base64: how many bytes stand before it.</param>
    private sealed record Form(Func<string, string> Of, int? Before = null)
    {
        /// <summary>What of it is the secret's alone.</summary>
        public string Sure(string secret) =>
            Before is { } before ? Of(secret)[((before * 8 + 5) / 6)..((before + Encoding.UTF8.GetByteCount(secret)) * 8 / 6)] : Of(secret);
    }
}
