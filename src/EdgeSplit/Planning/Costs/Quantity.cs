using System.Globalization;

namespace EdgeSplit.Planning.Costs;

/// <summary>
/// A kind of amount as people write it: a number, one space or none, and a unit that must be there (<c>20 Mbps</c>, <c>512 MiB</c>,
/// <c>5 ms</c>). Decimal prefixes are powers of 1000, binary ones of 1024; case counts, because Mb and MB differ.
/// </summary>
public sealed class Quantity
{
    private readonly (string Name, double Scale)[] units;
    private readonly bool mayBeZero;

    private Quantity(string name, string example, bool mayBeZero, params (string Name, double Scale)[] units)
    {
        Name = name;
        Example = example;
        this.mayBeZero = mayBeZero;
        this.units = units;
    }

    /// <summary>Bits per second, above 0.</summary>
    public static Quantity Rate { get; } = new(
        "a rate", "20 Mbps", mayBeZero: false, ("Gbps", 1e9), ("Mbps", 1e6), ("kbps", 1e3), ("bps", 1), ("Gbit/s", 1e9), ("Mbit/s", 1e6),
        ("kbit/s", 1e3), ("bit/s", 1), ("GB/s", 8e9), ("MB/s", 8e6), ("kB/s", 8e3));

    /// <summary>Bytes, from 0.</summary>
    public static Quantity Size { get; } = new(
        "a size", "512 MiB", mayBeZero: true, ("GiB", 1 << 30), ("GB", 1e9), ("MiB", 1 << 20), ("MB", 1e6), ("KiB", 1 << 10), ("kB", 1e3), ("B", 1));

    /// <summary>Seconds, from 0.</summary>
    public static Quantity Time { get; } = new("a time", "5 ms", mayBeZero: true, ("min", 60), ("s", 1), ("ms", 1e-3), ("us", 1e-6));

    /// <summary>What it is, for error messages: <c>a rate</c>.</summary>
    public string Name { get; }

    /// <summary>One, for error messages.</summary>
    public string Example { get; }

    /// <summary>The units it may have.</summary>
    public IEnumerable<string> Units => units.Select(unit => unit.Name);

    /// <summary>Reads an amount in the base unit: bits per second, bytes, seconds.</summary>
    public bool TryParse(string? text, out double value)
    {
        value = 0;
        if (text is null)
            return false;
        int end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
            end++;
        string name = end < text.Length && text[end] == ' ' ? text[(end + 1)..] : text[end..];
        (string? unit, double scale) = units.FirstOrDefault(unit => unit.Name == name);
        if (unit is null || !double.TryParse(text.AsSpan(0, end), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
            return false;
        // A power of ten below one is no double: dividing by its inverse rounds once, as the text would.
        value = scale < 1 ? number / Math.Round(1 / scale) : number * scale;
        return double.IsFinite(value) && (value > 0 || mayBeZero);
    }

    /// <summary>Writes an amount so that it reads back as the same number: whole where it can be, in the fewest characters.</summary>
    public string Write(double value)
    {
        string? best = null;
        foreach ((string name, double scale) in units)
        {
            double number = scale < 1 ? value * Math.Round(1 / scale) : value / scale;
            string text = $"{Digits(number)} {name}";
            if (TryParse(text, out double read) && read == value && (best is null || Cost(text) < Cost(best)))
                best = text;
        }

        return best ?? throw new ArgumentOutOfRangeException(nameof(value), value, $"This is not {Name} that can be written.");

        // A fraction is read less easily than a few digits more, and Mbps is what people say.
        static int Cost(string text) => text.Length + (text.Contains('.', StringComparison.Ordinal) ? 3 : 0) + (text.Contains('/', StringComparison.Ordinal) ? 3 : 0);
    }

    /// <summary>The shortest digits that read back as the number, without an exponent.</summary>
    private static string Digits(double number)
    {
        string shortest = number.ToString("R", CultureInfo.InvariantCulture);
        int mark = shortest.IndexOf('E', StringComparison.Ordinal);
        if (mark < 0)
            return shortest;
        int exponent = int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string digits = shortest[..mark].Replace(".", "", StringComparison.Ordinal);
        return exponent < 0
            ? "0." + new string('0', -exponent - 1) + digits
            : digits.Length > exponent + 1 ? digits.Insert(exponent + 1, ".") : digits.PadRight(exponent + 1, '0');
    }
}
