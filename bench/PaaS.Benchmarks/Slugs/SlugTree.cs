using System.Globalization;
using System.Text;

namespace PaaS.Benchmarks;

/// <summary>
/// A tree that looks like a large <c>node_modules</c>: packages of a few dozen files, JavaScript, type declarations and JSON of a small
/// vocabulary, one file in a hundred of bytes that cannot be compressed. The same seed makes the same bytes on every machine.
/// </summary>
internal sealed class SlugTree
{
    private static readonly string[] Lines =
    [
        "const {0} = require('./{1}');\n",
        "  if ({0} === undefined || {0}.{1} === null) {\n",
        "    return {0}.{1}({2});\n",
        "  }\n",
        "}\n",
        "\n",
        "function {0}({1}, {2}) {\n",
        "  const {0} = {1}.{2};\n",
        "exports.{0} = {0};\n",
        "  // {0} {1} the {2} of {3} when {4} is not {0}.\n",
        "   * @param {{1}} {0} {2} {3}\n",
        "    this.{0} = new {1}({2}, { {3}: '{4}', {0}: {n} });\n",
        "    throw new TypeError(`{0} must be a {1}, not ${typeof {2}}`);\n",
        "  for (let i = 0; i < {0}.length; i++) {\n",
        "    {0}.push({1}[{2}] || {n});\n",
        "export declare function {0}({1}: {2}, {3}?: {4}): Promise<{0}>;\n",
        "  \"{0}\": \"^{n}.{1}\",\n",
        "Object.defineProperty(exports, '{0}', { enumerable: true, get() { return {1}.{2}; } });\n",
        "  await this.{0}.{1}({2}, async ({3}) => {4}({3}));\n",
        "    case '{0}': return {1}.{2}.bind({3});\n",
    ];

    private const string Licence =
        "/*!\n * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated\n" +
        " * documentation files, to deal in the software without restriction.\n */\n'use strict';\n\n";

    private readonly Random _random;
    private readonly string[] _words;

    private SlugTree(int seed)
    {
        _random = new Random(seed);
        _words = [.. Enumerable.Range(0, 6000).Select(_ => Word())];
    }

    /// <summary>Makes the tree.</summary>
    /// <param name="directory">A directory that is not there.</param>
    /// <param name="files">How many files.</param>
    /// <param name="seed">Decides their content.</param>
    public static void Write(string directory, int files, int seed) => new SlugTree(seed).Write(directory, files);

    private void Write(string directory, int files)
    {
        for (var package = 0; files > 0; package++)
        {
            var root = Path.Combine(directory, "node_modules", string.Create(CultureInfo.InvariantCulture, $"{_words[package % _words.Length]}-{package}"));
            var words = Enumerable.Range(0, 160).Select(_ => Common()).ToArray();
            var inPackage = Math.Min(files, 5 + _random.Next(120));
            for (var i = 0; i < inPackage; i++)
            {
                var folder = Path.Combine(root, (i % 4) switch { 0 => "", 1 => "lib", 2 => "dist/cjs", _ => "src/" + words[i % 7] });
                Directory.CreateDirectory(folder);
                WriteFile(folder, i, words);
            }

            files -= inPackage;
        }
    }

    private void WriteFile(string folder, int number, string[] words)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{words[number % words.Length]}{number}");
        if (_random.Next(100) == 0)
        {
            var bytes = new byte[2000 + _random.Next(20_000)];
            _random.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(folder, name + ".node"), bytes);
            return;
        }

        // Most files are short, some long, a few very long: a normal distribution of the logarithm.
        var normal = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
        var size = (int)Math.Min(3_000_000, Math.Exp(7.4 + (1.6 * normal)));
        var text = new StringBuilder(size + 200);
        if (number % 3 == 0)
        {
            text.Append(Licence);
        }

        while (text.Length < size)
        {
            Append(text, Lines[_random.Next(Lines.Length)], words);
        }

        File.WriteAllText(Path.Combine(folder, name + (number % 9) switch { 0 => ".json", 1 or 2 => ".d.ts", 3 => ".js.map", _ => ".js" }), text.ToString());
    }

    private void Append(StringBuilder text, string line, string[] words)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] != '{' || i + 2 >= line.Length || line[i + 2] != '}')
            {
                text.Append(line[i]);
                continue;
            }

            _ = line[i + 1] == 'n' ? text.Append(_random.Next(1000)) : text.Append(_random.Next(12) == 0 ? Common() : words[(int)(words.Length * Math.Pow(_random.NextDouble(), 2))]);
            i += 2;
        }
    }

    /// <summary>A word of the whole tree; the first are the most common.</summary>
    private string Common() => _words[(int)(_words.Length * Math.Pow(_random.NextDouble(), 3))];

    private string Word()
    {
        string[] syllables = ["re", "con", "get", "set", "val", "ue", "op", "tion", "str", "ing", "par", "se", "ob", "ject", "path", "file", "er", "ror", "call", "back", "node", "map", "list", "in", "dex"];
        var word = new StringBuilder();
        for (var i = 0; i < 2 + _random.Next(3); i++)
        {
            var syllable = syllables[_random.Next(syllables.Length)];
            word.Append(i > 0 && _random.Next(3) == 0 ? char.ToUpperInvariant(syllable[0]) + syllable[1..] : syllable);
        }

        return word.ToString();
    }
}
