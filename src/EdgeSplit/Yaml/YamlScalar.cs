using System.Globalization;
using System.Text;

namespace EdgeSplit.Yaml;

/// <summary>Scalars as YAML text that reads back as the same value.</summary>
public static class YamlScalar
{
    /// <summary>Plain where that is safe (letters, digits and <c>. _ - /</c>, starting with a letter), else double-quoted.</summary>
    public static string Write(string text)
    {
        bool isPlain = text.Length > 0 && char.IsAsciiLetter(text[0])
            && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' or '/')
            && text.ToUpperInvariant() is not ("NULL" or "TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N");
        return isPlain ? text : Quote(text);
    }

    public static string Write(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Write(bool value) => value ? "true" : "false";

    private static string Quote(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char letter in text)
        {
            if (letter is '"' or '\\')
                quoted.Append('\\').Append(letter);
            else if (char.IsControl(letter) || letter is '\u2028' or '\u2029' or '\u0085' or '\uFEFF')
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}");
            else
                quoted.Append(letter);
        }

        return quoted.Append('"').ToString();
    }
}
