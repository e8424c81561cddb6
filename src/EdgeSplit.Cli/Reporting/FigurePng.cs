using EdgeSplit.Reports.Charts;
using SkiaSharp;
using Svg.Skia;

namespace EdgeSplit.Cli.Reporting;

/// <summary>
/// A chart's own SVG as PNG: as wide as a paper's column, 3.5 inches, at the 600 dots per inch that journals ask of line art, which are
/// 300 where it fills a page of two columns.
/// </summary>
internal static class FigurePng
{
    /// <summary>In pixels.</summary>
    public const int Width = 2100;

    /// <summary>The signature and the header chunk, which every PNG begins with, in bytes.</summary>
    private const int HeaderLength = 8 + 25;

    /// <summary>The chunk <c>pHYs</c>, with its checksum: 23,622 pixels a metre, which are 600 an inch, across and up. Skia writes none.</summary>
    private static ReadOnlySpan<byte> Resolution => [0, 0, 0, 9, (byte)'p', (byte)'H', (byte)'Y', (byte)'s', 0, 0, 0x5c, 0x46, 0, 0, 0x5c, 0x46, 1, 0x14, 0x94, 0x43, 0x41];

    /// <summary>The picture as a PNG file.</summary>
    /// <exception cref="TypeInitializationException">Skia has no library for this machine.</exception>
    public static byte[] Of(Chart chart)
    {
        using SKSvg svg = new();
        svg.Settings.TypefaceProviders = [FigureFont.Instance];
        SKPicture picture = svg.FromSvg(chart.ToSvg()) ?? throw new InvalidOperationException($"Svg.Skia cannot read the chart '{chart.Name}'.");
        float scale = Width / picture.CullRect.Width;
        // Opaque, as printers want it; white first, for a last row of pixels that the picture covers only in part.
        using SKBitmap bitmap = new(Width, (int)MathF.Round(picture.CullRect.Height * scale), isOpaque: true);
        using SKCanvas canvas = new(bitmap);
        canvas.Clear(SKColors.White);
        canvas.Scale(scale);
        canvas.DrawPicture(picture);
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        ReadOnlySpan<byte> bytes = png.AsSpan();
        return [.. bytes[..HeaderLength], .. Resolution, .. bytes[HeaderLength..]];
    }
}
