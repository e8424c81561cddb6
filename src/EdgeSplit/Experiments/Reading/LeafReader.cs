using System.Globalization;
using System.Text.RegularExpressions;
using EdgeSplit.Experiments.Keys;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Yaml;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Experiments.Reading;

/// <summary>Single values of a file. What is not of its kind gives null and a fault that says what would be.</summary>
internal static class LeafReader
{
    public static object? Read(ValueKind kind, YamlValue value) => kind switch
    {
        ValueKind.Choice choice => Choice(choice, value),
        ValueKind.Text text => Text(text, value),
        ValueKind.Whole { Word: null } whole => value.Long(whole.Minimum, whole.Maximum),
        ValueKind.Whole whole => WholeOrWord(whole, value),
        ValueKind.Number number => Number(number, value),
        ValueKind.Flag => value.Bool(),
        ValueKind.Extents => value.Shape(),
        ValueKind.Amount amount => Amount(amount, value),
        ValueKind.Names names => NameList.Read(names, value),
        ValueKind.CountOrNames either when value.IsList => NameList.Read(either.OrNames, value),
        ValueKind.CountOrNames either => value.Long(either.Count.Minimum, either.Count.Maximum),
        ValueKind.Numbers numbers => Numbers(numbers, value),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static string? Choice(ValueKind.Choice choice, YamlValue value)
    {
        if (value.String() is not string word)
            return null;
        if (choice.Words.Contains(word))
            return word;
        value.Reject($"there is no '{Shortened(word)}' here", NearestName.Remedy(word, choice.Words));
        return null;
    }

    private static string? Text(ValueKind.Text kind, YamlValue value)
    {
        if (value.String() is not string text)
            return null;
        string? problem = text switch
        {
            { Length: 0 } => "it is empty",
            { Length: > ValueKind.Text.MaximumLength } => $"it has {text.Length} characters, more than {ValueKind.Text.MaximumLength}",
            _ when text.Any(char.IsControl) => "it holds a line end or another control character",
            _ when kind.Pattern is not null && !Regex.IsMatch(text, kind.Pattern, RegexOptions.CultureInvariant) => $"it is '{Shortened(text)}'",
            _ => null,
        };
        if (problem is null)
            return text;
        value.Reject(problem, $"give {kind.Expected}");
        return null;
    }

    private static object? WholeOrWord(ValueKind.Whole kind, YamlValue value)
    {
        if (value.Node is YamlScalarNode { Style: ScalarStyle.Plain, Value: string text })
        {
            if (text == kind.Word)
                return text;
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                && number >= kind.Minimum && number <= kind.Maximum)
            {
                return number;
            }
        }

        value.Reject(Given(value), string.Create(
            CultureInfo.InvariantCulture, $"give a whole number from {kind.Minimum} to {kind.Maximum}, or {kind.Word}"));
        return null;
    }

    private static double? Number(ValueKind.Number kind, YamlValue value)
    {
        if (value.Node is YamlScalarNode { Style: ScalarStyle.Plain, Value: string text }
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number)
            && (kind.OverMinimum ? number > kind.Minimum : number >= kind.Minimum)
            && (kind.UnderMaximum ? number < kind.Maximum : number <= kind.Maximum))
        {
            return number;
        }

        value.Reject(Given(value), string.Create(
            CultureInfo.InvariantCulture,
            $"give a number {(kind.OverMinimum ? "over" : "from")} {kind.Minimum} {(kind.UnderMaximum ? "to under" : "to")} {kind.Maximum}"));
        return null;
    }

    private static double[]? Numbers(ValueKind.Numbers kind, YamlValue value)
    {
        if (value.List() is not YamlList list)
            return null;
        if (list.Count is 0 || list.Count > kind.Most)
        {
            value.Reject($"it has {list.Count} numbers", $"give 1 to {kind.Most}");
            return null;
        }

        double?[] numbers = [.. list.Select(item => Number(kind.Item, item))];
        return numbers.Any(number => number is null) ? null : [.. numbers.Select(number => number!.Value)];
    }

    private static double? Amount(ValueKind.Amount kind, YamlValue value)
    {
        Quantity quantity = kind.Quantity;
        if (value.Node is YamlScalarNode { Value: string text } && quantity.TryParse(text.Trim(), out double amount))
            return amount;
        value.Reject(Given(value), $"give {quantity.Name} with its unit, as in {quantity.Example}; the units are {string.Join(", ", quantity.Units)}");
        return null;
    }

    private static string Given(YamlValue value) => value.Node switch
    {
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" } => "it is empty",
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => $"it is '{Shortened(scalar.Value!)}'",
        YamlScalarNode scalar => $"it is the quoted text \"{Shortened(scalar.Value ?? "")}\"",
        YamlMappingNode => "it is a map",
        _ => "it is a list",
    };

    private static string Shortened(string text) => text.Length <= 60 ? text : text[..60] + "...";
}
