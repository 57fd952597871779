using System.Xml;
using System.Xml.Linq;

namespace PaaS.Buildpacks;

/// <summary>Reads the XML of project and solution files.</summary>
internal static class BuildXml
{
    /// <summary>The root element, or null and what is wrong.</summary>
    public static XElement? Read(string path, string text, out string? problem)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 8 << 20 });
            problem = null;
            return XDocument.Load(reader).Root;
        }
        catch (XmlException e)
        {
            problem = $"{TreeName.Shown(path)} is not valid XML at line {e.LineNumber}, column {e.LinePosition}: {e.Message}";
            return null;
        }
    }
}
