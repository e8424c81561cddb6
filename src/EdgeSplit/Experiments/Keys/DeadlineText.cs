using System.Globalization;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Keys;

/// <summary>A round's deadline as an experiment file has it: <c>none</c>, <c>3x</c> what the plan says, or <c>90 s</c>.</summary>
internal static class DeadlineText
{
    public const string Pattern = @"^(none|[0-9]{1,6}(\.[0-9]{1,6})?x|[0-9]{1,9}(\.[0-9]{1,6})? ?(min|s|ms))$";
    public const string Expected = "a multiple of the plan's time (3x), a time (90 s), or none";

    /// <summary>The deadline of a text that fits the pattern; null for none.</summary>
    public static RoundDeadline? Parse(string? text)
    {
        if (text is null or "none")
            return null;
        if (text.EndsWith('x'))
            return new RoundDeadline.OfClaim(double.Parse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));
        return Quantity.Time.TryParse(text, out double seconds) ? new RoundDeadline.Seconds(seconds) : null;
    }

    public static string Write(RoundDeadline? deadline) => deadline switch
    {
        null => "none",
        RoundDeadline.OfClaim claim => string.Create(CultureInfo.InvariantCulture, $"{claim.Factor}x"),
        RoundDeadline.Seconds seconds => Quantity.Time.Write(seconds.Count),
        _ => throw new ArgumentOutOfRangeException(nameof(deadline), deadline, null),
    };
}
