using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;

namespace PaaS.Core.Tests;

public class SecretMaskTests
{
    private const string Pem = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZPVT\nq8dJk3NnR1kzFvYkWb0hRANCAAQ7\n-----END PRIVATE KEY-----\n";

    [Fact]
    public void Two_masks_together_mask_what_either_does()
    {
        var (one, two) = (Mask("API_KEY", "first-one"), Mask("API_KEY", "second-one"));

        Assert.Equal("[FILTERED] [FILTERED]", one.And(two).Apply("first-one second-one"));
        Assert.Equal(["API_KEY"], one.And(two).Names.AsEnumerable());
        Assert.Same(one, one.And(SecretMask.None));
        Assert.Same(two, SecretMask.None.And(two));
    }

    [Theory]
    [InlineData("API_KEY", "abcdef")]
    [InlineData("apiKey", "abcdef")]
    [InlineData("SECRET_KEY_BASE", "correct horse battery")]
    [InlineData("MYAPPSECRET", "abcdef")]
    [InlineData("GITHUB_TOKEN", "abcdef")]
    [InlineData("DB_PASSWORD", "hunter2")]
    [InlineData("MYSQL_PASSWD", "hunter2")]
    [InlineData("SMTP_PASS", "hunter2")]
    [InlineData("GOOGLE_CREDENTIALS", "abcdef")]
    [InlineData("PRIVATE_THING", "abcdef")]
    [InlineData("BASIC_AUTH", "user:hunter2")]
    [InlineData("AUTHORIZATION", "Bearer abc")]
    [InlineData("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")]
    [InlineData("SLACK_WEBHOOK_URL", "https://hooks.example.com/services/x")]
    [InlineData("ANY", "q83vEjRWeJCrze8SNFZ4kA==")]
    [InlineData("ANY", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    [InlineData("ANY", "6c8f3d0e-7a41-4b5e-9d27-b1f5c0a8e364")]
    [InlineData("ANY", "sk_live_4eC39HqLyjWDarjtT1zdp7dc")]
    [InlineData("ANY", "xkqzvbwjtrplmhgd")]
    [InlineData("ANY", "tR9#kL2$vX7!qW4@")]
    [InlineData("DATABASE_URL", "postgres://app:wordpass@db.example.com:5432/app")]
    [InlineData("ANY", "Server=db;User Id=sa;Password=Str0ng;")]
    public void Secrets_are_known_by_their_names_or_by_their_looks(string name, string value)
    {
        var mask = Mask(name, value);

        Assert.Equal("say [FILTERED] once", mask.Apply($"say {value} once"));
        Assert.Equal([name], mask.Names.AsEnumerable());
    }

    [Fact]
    public void Half_a_character_in_a_value_of_JSON_does_not_keep_the_other_secrets_from_being_masked()
    {
        var mask = Mask("SETTINGS", """{"password": "hunter\ud800", "\udc00": "x", "token": "swordfish"}""");

        Assert.Equal("[FILTERED] and [FILTERED]", mask.Apply("""hunter\ud800 and swordfish"""));
    }

    [Theory]
    [InlineData("RAILS_ENV", "production")]
    [InlineData("AUTH_MODE", "production")]
    [InlineData("API_KEY", "1")]
    [InlineData("API_KEY", "true")]
    [InlineData("DEBUG_TOKENS", "false")]
    [InlineData("SECRET", "production")]
    [InlineData("AUTHOR", "Ada Lovelace")]
    [InlineData("MONKEYS_URL", "https://example.com/monkeys")]
    [InlineData("SSH_KEY_PATH", "/app/config/deploy/id_rsa")]
    [InlineData("TOKEN_TTL", "86400000")]
    [InlineData("ANY", "/app/vendor/jvm-17.0.2/lib/amd64")]
    [InlineData("ANY", "https://bucket.s3.amazonaws.com/path/3f2a9c8e7d6b5a41/file.js")]
    [InlineData("ANY", "1.2.3-beta.4+build.20240101")]
    [InlineData("ANY", "ops-team@mail.example.com")]
    [InlineData("ANY", "The quick brown fox jumps over the lazy dog.")]
    [InlineData("ANY", "org.springframework.boot.SpringApplication")]
    [InlineData("ANY", "redis-12345.c10.us-east-1-3.ec2.cloud.example.com:12345")]
    [InlineData("ANY", "--max-old-space-size=4096 --enable-source-maps")]
    [InlineData("ANY", "1234567890123456")]
    [InlineData("ANY", "----------------------------------------")]
    [InlineData("ANY", "en_US.UTF-8,de_DE.UTF-8")]
    [InlineData("ANY", "2026-11-21T16:10:28Z")]
    [InlineData("ANY", "a,short")]
    [InlineData("ANY", "")]
    public void What_people_write_stays_readable(string name, string value)
    {
        var mask = Mask(name, value);

        Assert.Equal($"say {value} once", mask.Apply($"say {value} once"));
        Assert.True(mask.IsEmpty);
    }

    [Fact]
    public void The_settings_add_and_take_away()
    {
        var vars = Vars(("PLAIN", "production"), ("PIN", "1234"), ("API_KEY", "abcdefgh"), ("SHORT", "abc"));
        var mask = SecretMask.Of(vars, BuildSettings.Default with { Secrets = ["PLAIN", "PIN", "SHORT"], NotSecrets = ["API_KEY"] });

        Assert.Equal("[FILTERED] [FILTERED] abcdefgh abc", mask.Apply("production 1234 abcdefgh abc"));
    }

    [Fact]
    public void Of_a_URL_the_whole_the_password_and_its_decoded_form_are_masked_but_not_the_host()
    {
        var mask = Mask("DATABASE_URL", "postgres://app:p%40ss-w0rd!@db.example.com:5432/app?sslmode=require&api_key=zyxwvu");

        Assert.Equal("[FILTERED]", mask.Apply("postgres://app:p%40ss-w0rd!@db.example.com:5432/app?sslmode=require&api_key=zyxwvu"));
        Assert.Equal("connecting to db.example.com:5432 as app with [FILTERED] or [FILTERED]", mask.Apply("connecting to db.example.com:5432 as app with p%40ss-w0rd! or p@ss-w0rd!"));
        Assert.Equal("?api_key=[FILTERED]", mask.Apply("?api_key=zyxwvu"));
        Assert.Equal("postgresql2://[FILTERED]db.example.com/other", mask.Apply("postgresql2://app:p%40ss-w0rd!@db.example.com/other"));
    }

    [Fact]
    public void A_password_that_is_the_users_name_is_masked_only_in_the_URL()
    {
        var mask = Mask("DATABASE_URL", "postgres://postgres:postgres@localhost/app");

        Assert.Equal("Installing postgres; [FILTERED]; [FILTERED]127.0.0.1", mask.Apply("Installing postgres; postgres://postgres:postgres@localhost/app; postgres:postgres@127.0.0.1"));
    }

    [Fact]
    public void The_secrets_within_JSON_are_masked_one_by_one()
    {
        var json = JsonSerializer.Serialize(new { type = "service_account", project = "shop", private_key = Pem, inner = new { cache = "redis://:s3cr3tpw@cache" } });
        var mask = Mask("ACCOUNT", json);

        Assert.Equal("[FILTERED]", mask.Apply(json));
        Assert.Equal("service_account of shop: [FILTERED]", mask.Apply("service_account of shop: q8dJk3NnR1kzFvYkWb0hRANCAAQ7"));
        Assert.Equal("password is [FILTERED]", mask.Apply("password is s3cr3tpw"));
    }

    [Fact]
    public void A_key_of_several_lines_is_masked_line_by_line_however_it_is_written()
    {
        var mask = Mask("SIGNING_KEY", Pem);

        Assert.Equal("-----BEGIN PRIVATE KEY-----\n[FILTERED]\r\n  [FILTERED]\n-----END PRIVATE KEY-----\n", mask.Apply(Pem.Replace("VT\n", "VT\r\n  ", StringComparison.Ordinal)));
        Assert.Equal("{\"k\":\"-----BEGIN PRIVATE KEY-----\\n[FILTERED]\\n[FILTERED]\\n-----END PRIVATE KEY-----\\n\"}", mask.Apply(JsonSerializer.Serialize(new { k = Pem })));
        Assert.Equal("[FILTERED]", mask.Apply(Convert.ToBase64String(Encoding.UTF8.GetBytes(Pem))));
        var wrapped = mask.Apply(Convert.ToBase64String(Encoding.UTF8.GetBytes(Pem), Base64FormattingOptions.InsertLineBreaks));
        Assert.All(wrapped.Split("\r\n"), static line => Assert.Equal("[FILTERED]", line));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Base64_is_masked_wherever_the_secret_begins_in_it(int offset)
    {
        const string Secret = "hunter2?>~hunter3";
        var mask = Mask("PASSWORD", Secret);
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('u', offset) + Secret + ":more"));

        foreach (var form in (string[])[text, text.Replace('+', '-').Replace('/', '_'), Uri.EscapeDataString(text)])
        {
            var masked = mask.Apply($"Basic {form}");

            Assert.Contains("[FILTERED]", masked, StringComparison.Ordinal);
            Assert.True(masked.Length < "Basic [FILTERED]".Length + 8 + 12, masked);
        }
    }

    [Fact]
    public void Escaped_secrets_are_masked_whichever_characters_were_escaped()
    {
        const string Secret = "p/a\"s\\s wörd&<😀>=+1";
        var mask = Mask("PASSWORD", Secret);

        foreach (var form in (string[])
        [
            Secret,
            Uri.EscapeDataString(Secret),
            Uri.EscapeDataString(Secret).ToLowerInvariant(),
            WebUtility.UrlEncode(Secret),
            WebUtility.UrlEncode(Secret).ToLowerInvariant(),
            string.Concat(Encoding.UTF8.GetBytes(Secret).Select(static b => $"%{b:x2}")),
            JsonEncodedText.Encode(Secret).ToString(),
            JsonEncodedText.Encode(Secret, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
            Secret.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("/", "\\/", StringComparison.Ordinal),
            string.Concat(Secret.Select(static c => $"\\u{(int)c:X4}")),
            "p/a\u001b[31m\"s\\s w\u001b[0mörd&<😀>=+1",
        ])
        {
            Assert.Equal("<[FILTERED]>", mask.Apply($"<{form}>"));
        }
    }

    [Theory]
    [InlineData("100%")]
    [InlineData("50%hunter")]
    [InlineData("%h%%u")]
    [InlineData("\\hunter")]
    [InlineData("\\u12hunter \\ud83dhunter \\ud83d\\u0031")]
    [InlineData("\u001b[31mhunter\u001b[")]
    [InlineData("\\")]
    public void What_only_looks_like_an_escape_stays_as_it_is(string text) => Assert.Equal(text, Mask("PASSWORD", "hunter2").Apply(text));

    [Theory]
    [InlineData("%hunter2", "%[FILTERED]")]
    [InlineData("%4hunter2", "%4[FILTERED]")]
    [InlineData("\\u00hunter2", "\\u00[FILTERED]")]
    [InlineData("hunter2hunter2 hunterhunter2", "[FILTERED] hunter[FILTERED]")]
    [InlineData("hunt%65r2%", "[FILTERED]%")]
    public void A_secret_behind_a_broken_escape_is_found(string text, string masked) => Assert.Equal(masked, Mask("PASSWORD", "hunter2").Apply(text));

    [Fact]
    public void Secrets_that_overlap_are_masked_as_one()
    {
        var mask = SecretMask.Of(Vars(("A_KEY", "abcdefgh"), ("B_KEY", "efghijkl"), ("C_KEY", "cdefghij")));

        Assert.Equal("<[FILTERED]>", mask.Apply("<abcdefghijkl>"));
        Assert.Equal("ab[FILTERED]kl", mask.Apply("abcdefghijkl".Replace("abcdef", "ab" + "cdef", StringComparison.Ordinal) is var text ? "ab" + mask.Apply(text[2..^2]) + "kl" : ""));
    }

    [Fact]
    public void Broken_UTF8_passes_through()
    {
        ReadOnlyMemory<byte> text = new byte[] { 0xff, 0xc3, 0x28, 0, 0xe2, 0x82, (byte)'\n' };

        Assert.Equal(text, Mask("PASSWORD", "hunter2").Apply(text));
    }

    [Fact]
    public void Only_what_may_be_the_beginning_of_a_secret_is_kept_back()
    {
        var output = new ArrayBufferWriter<byte>();
        var masker = new SecretMasker(Mask("PASSWORD", "hunter2"), output);

        masker.Write("the hun"u8);
        Assert.Equal("the ", Encoding.UTF8.GetString(output.WrittenSpan));
        masker.Write("t "u8);
        Assert.Equal("the hunt ", Encoding.UTF8.GetString(output.WrittenSpan));
        masker.Write("hunter"u8);
        masker.Flush();
        Assert.Equal("the hunt hunter", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void A_mask_says_nothing_of_what_it_hides() => Assert.Equal("masks 1 config var", Mask("PASSWORD", "hunter2").ToString());

    private static SecretMask Mask(string name, string value) => SecretMask.Of(Vars((name, value)));

    private static ConfigVars Vars(params (string Name, string Value)[] vars) =>
        ConfigVars.Empty.Apply(ConfigPatch.Create(vars.Select(static v => new KeyValuePair<string, string?>(v.Name, v.Value))));
}
