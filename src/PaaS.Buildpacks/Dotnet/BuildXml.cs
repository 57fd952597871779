using System.Xml;
using System.Xml.Linq;

namespace PaaS.Buildpacks;

/// <summary>Reads the XML of project and solution files.</summary>
internal static class BuildXml
{
    private const int MaxDepth = 100;

    /// <summary>The root element, or null and what is wrong.</summary>
    public static XElement? Read(string path, string text, out string? problem)
    {
        try
        {
            // What is asked of an element later descends by recursion: a deep one would end the host's process.
            using (var depths = Reader(text))
            {
                while (depths.Read())
                {
                    if (depths.Depth > MaxDepth)
                    {
                        problem = $"{TreeName.Shown(path)} has more than {MaxDepth} elements within one another.";
                        return null;
                    }
                }
            }

            using var reader = Reader(text);
            problem = null;
            return XDocument.Load(reader).Root;
        }
        catch (XmlException e)
        {
            problem = $"{TreeName.Shown(path)} is not valid XML at line {e.LineNumber}, column {e.LinePosition}: {e.Message}";
            return null;
        }
    }

    private static XmlReader Reader(string text) =>
        XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 8 << 20 });
}
