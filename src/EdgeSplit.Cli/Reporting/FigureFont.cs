using System.Reflection;
using SkiaSharp;
using Svg.Skia.TypefaceProviders;

namespace EdgeSplit.Cli.Reporting;

/// <summary>
/// Inter (Latin, Greek and Cyrillic; SIL Open Font License), whatever family is asked for: a figure looks the same on every machine,
/// and has its text on one without fonts.
/// </summary>
internal sealed class FigureFont : ITypefaceProvider
{
    public static readonly FigureFont Instance = new();

    private readonly SKTypeface regular;

    private FigureFont()
    {
        using SKData data = SKData.CreateCopy(ReadFont("/Assets/Inter-Regular.ttf"));
        regular = SKTypeface.FromData(data);
    }

    public SKTypeface FromFamilyName(string fontFamily, SKFontStyleWeight fontWeight, SKFontStyleWidth fontWidth, SKFontStyleSlant fontStyle) => regular;

    /// <summary>
    /// Out of the assembly that Avalonia ships the font in. Its one resource is the length of an index, the index (a version, a count,
    /// and each file's path, offset and length), and the files.
    /// </summary>
    private static byte[] ReadFont(string path)
    {
        using Stream embedded = typeof(FigureFont).Assembly.GetManifestResourceStream("inter")!;
        using BinaryReader assembly = new(embedded);
        Assembly inter = Assembly.Load(assembly.ReadBytes((int)embedded.Length));
        using BinaryReader resource = new(inter.GetManifestResourceStream("!AvaloniaResources")!);
        int indexLength = resource.ReadInt32();
        _ = resource.ReadInt32();
        int files = resource.ReadInt32();
        for (int file = 0; file < files; file++)
        {
            string name = resource.ReadString();
            int offset = resource.ReadInt32(), length = resource.ReadInt32();
            if (name != path)
                continue;
            resource.BaseStream.Position = sizeof(int) + indexLength + offset;
            return resource.ReadBytes(length);
        }

        throw new InvalidOperationException($"There is no font '{path}' in {inter.FullName}.");
    }
}
