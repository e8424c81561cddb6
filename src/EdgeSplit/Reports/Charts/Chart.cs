using System.Xml.Linq;

namespace EdgeSplit.Reports.Charts;

/// <summary>A picture with what a reader needs to understand it alone.</summary>
/// <param name="Name">Its file's name, without an ending: lower-case words with hyphens.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Caption">How to read it, and where its figures come from.</param>
public abstract record Chart(string Name, string Title, string Caption)
{
    /// <summary>The picture as an <c>svg</c> element that needs nothing from elsewhere.</summary>
    public abstract XElement Draw();

    /// <summary>The picture as an SVG file.</summary>
    public string ToSvg() => new XDocument(Draw()).ToString() + "\n";
}

/// <summary>What one axis measures.</summary>
/// <param name="Title">What, with its unit in brackets: <c>time (s)</c>.</param>
/// <param name="IsLogarithmic">Powers of ten at equal distances; all values must be above 0.</param>
/// <param name="StartsAtZero">Whether a linear axis goes down to 0 at least.</param>
public sealed record Axis(string Title, bool IsLogarithmic = false, bool StartsAtZero = true);
