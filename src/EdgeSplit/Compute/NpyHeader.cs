using System.Globalization;
using System.Text.RegularExpressions;
using EdgeSplit.Numerics;

namespace EdgeSplit.Compute;

/// <summary>The header of a NumPy array file: a Python dictionary of three known keys.</summary>
/// <param name="Descriptor">The elements' type and byte order (<c>&lt;f4</c>).</param>
/// <param name="FortranOrder">Whether the first axis is the one that runs fastest.</param>
/// <param name="Extents">The extent of each axis.</param>
internal sealed partial record NpyHeader(string Descriptor, bool FortranOrder, int[] Extents)
{
    /// <summary>The header's text as NumPy writes it, without padding.</summary>
    public static string Format(string descriptor, Shape shape)
    {
        string extents = string.Concat(shape.Dimensions.Select(extent => string.Create(CultureInfo.InvariantCulture, $"{extent}, ")));
        // A tuple of one keeps its comma.
        string tuple = shape.Rank == 1 ? extents.TrimEnd(' ') : extents.TrimEnd(',', ' ');
        return $"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': ({tuple}), }}";
    }

    /// <summary>Null where it is not such a dictionary, or an extent is beyond 32 bits.</summary>
    public static NpyHeader? Parse(string text)
    {
        Match descriptor = DescriptorPattern.Match(text), order = OrderPattern.Match(text), shape = ShapePattern.Match(text);
        if (!DictionaryPattern.IsMatch(text) || !descriptor.Success || !order.Success || !shape.Success)
            return null;
        string[] parts = shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        int[] extents = new int[parts.Length];
        for (int axis = 0; axis < parts.Length; axis++)
        {
            if (!int.TryParse(parts[axis].TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out extents[axis]))
                return null;
        }

        return new NpyHeader(descriptor.Groups[1].Value, order.Groups[1].Value == "True", extents);
    }

    /// <summary>Three keys and nothing else, so that no key can hide in another's value.</summary>
    [GeneratedRegex(
        @"^\s*\{\s*(?:['""](?:descr|fortran_order|shape)['""]\s*:\s*(?:['""][^'"",{}]*['""]|True|False|\([\d,\sL]*\))\s*,?\s*){3}\}\s*$",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex DictionaryPattern { get; }

    [GeneratedRegex(@"['""]descr['""]\s*:\s*['""]([^'""]*)['""]", RegexOptions.CultureInvariant)]
    private static partial Regex DescriptorPattern { get; }

    [GeneratedRegex(@"['""]fortran_order['""]\s*:\s*(True|False)", RegexOptions.CultureInvariant)]
    private static partial Regex OrderPattern { get; }

    [GeneratedRegex(@"['""]shape['""]\s*:\s*\(([\d,\sL]*)\)", RegexOptions.CultureInvariant)]
    private static partial Regex ShapePattern { get; }
}
