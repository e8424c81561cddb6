using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Yaml;

/// <summary>Opens a YAML file a user wrote; bounded in size and depth, without anchors, since it may be hostile.</summary>
public static class YamlFile
{
    public const int MaximumBytes = 1 << 20;
    public const int MaximumDepth = 32;

    /// <summary>The top-level map of the file at <paramref name="path"/>.</summary>
    /// <exception cref="InvalidInputException">The file cannot be read, is too large or is not YAML with keys at its top.</exception>
    public static YamlMap Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[MaximumBytes + 1];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (ForeignFile.Of(bytes.AsSpan(0, Math.Min(length, ForeignFile.PrefixBytes))) is { } foreign)
                throw new InvalidInputException(path, $"this is {foreign.Kind}, and a text in YAML is asked for", foreign.Remedy);
            if (length > MaximumBytes)
                throw new InvalidInputException(path, $"the file is larger than {MaximumBytes} bytes");
            return Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length).TrimStart('\uFEFF'), path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidInputException(path, "there is no such file");
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidInputException(path, "this is not a text in UTF-8", "give a YAML file");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidInputException(path, $"the file cannot be read: {FileTrouble.Describe(unreadable)}");
        }
    }

    /// <summary>The top-level map of <paramref name="text"/>; <paramref name="source"/> names it in faults.</summary>
    /// <exception cref="InvalidInputException">It is not YAML with keys at its top.</exception>
    public static YamlMap Parse(string text, string source)
    {
        YamlFaults faults = new(source);
        YamlMappingNode? root = Load(text, faults);
        faults.ThrowIfAny();
        return new YamlMap(root!, "", faults);
    }

    /// <summary>The nodes of <paramref name="text"/>; null where a fault was found.</summary>
    private static YamlMappingNode? Load(string text, YamlFaults faults)
    {
        try
        {
            if (!IsBounded(text, faults))
                return null;
            YamlStream stream = [];
            stream.Load(new StringReader(text));
            if (stream.Documents is [{ RootNode: YamlMappingNode root }])
                return root;
            faults.Add(1, "", stream.Documents.Count > 1 ? "it holds several documents" : "it holds no keys", "write 'key: value' lines");
        }
        catch (YamlException malformed)
        {
            faults.Add(malformed.Start.Line, "", $"this is not valid YAML: {malformed.Message.ReplaceLineEndings(" ")}", null);
        }
        catch (Exception malformed) when (malformed is InvalidOperationException or ArgumentException)
        {
            // The scanner lets these out for some malformed texts, such as a flow list that is never closed.
            faults.Add(0, "", "this is not valid YAML", "look for a bracket, brace or quote that is never closed");
        }

        return null;
    }

    /// <summary>Looks at the events first: building the nodes recurses, and an alias could hold itself.</summary>
    private static bool IsBounded(string text, YamlFaults faults)
    {
        Parser parser = new(new StringReader(text));
        int depth = 0;
        while (parser.MoveNext())
        {
            ParsingEvent current = parser.Current!;
            depth += current.NestingIncrease;
            if (depth > MaximumDepth)
                faults.Add(current.Start.Line, "", $"nested deeper than {MaximumDepth} levels", null);
            else if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
                faults.Add(current.Start.Line, "", "anchors and aliases are not read", "write the value out");
            if (faults.Any)
                return false;
        }

        return true;
    }
}
