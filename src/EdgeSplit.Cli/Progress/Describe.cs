using System.Globalization;
using EdgeSplit.Training;

namespace EdgeSplit.Cli.Progress;

/// <summary>Sentences that more than one kind of progress prints.</summary>
internal static class Describe
{
    public static string Start(RunStarted run) => string.Create(
        CultureInfo.InvariantCulture,
        $"{run.Experiment}: {run.Method}, {run.Model} ({run.Parameters:#,0} parameters, {run.Blocks} blocks), {Devices(run.Devices)}, {run.Engine}, seed {run.Seed}");

    /// <summary>A new plan, where something is known of times.</summary>
    public static string Plan(RoundPlanned plan)
    {
        const int Most = 8;
        string cuts = string.Join(", ", plan.Devices.Take(Most).Select(device => $"{device.Name} {device.Cut}")) + (plan.Devices.Count > Most ? ", ..." : "");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"plan by {plan.Policy} from round {plan.Round} ({plan.Reason}): cuts {cuts}; a round of the fleet takes {ReadableTime.Of(plan.RoundSeconds ?? 0, "0.###")}{(plan.IsEstimate == true ? ", estimated" : "")}");
    }

    /// <summary>What a person should hear of though the run goes on; null for all else.</summary>
    public static string? Trouble(RunEvent happened) => happened switch
    {
        RunWarning warning => $"warning: {warning.Message}",
        DeviceLost lost => $"round {lost.Round}: {lost.Device} is gone ({lost.Message.TrimEnd('.')}); its part begins again when it is back",
        DeviceLeftOut leftOut => $"round {leftOut.Round}: without {leftOut.Device}: {leftOut.Message.TrimEnd('.')}",
        DeviceRefused refused => $"{refused.Device} cannot take part: {refused.Message.TrimEnd('.')}",
        DeviceDataChanged changed => string.Create(
            CultureInfo.InvariantCulture,
            $"warning: {changed.Device} is back with other data: {changed.Samples:#,0} training samples, {changed.SamplesBefore:#,0} before{(changed.Samples == changed.SamplesBefore ? ", but not the same" : "")}"),
        RoundWaiting waiting => Waiting(waiting),
        RoundRepeated repeated => $"round {repeated.Round}: {repeated.Updates} of the {repeated.Needed} updates it needs; it begins again",
        _ => null,
    };

    private static string Waiting(RoundWaiting waiting)
    {
        const int Most = 8;
        string whom = string.Join(", ", waiting.Devices.Take(Most)) + (waiting.Devices.Count > Most ? $" and {waiting.Devices.Count - Most} more" : "");
        string claim = waiting.ClaimedSeconds is > 0 and var claimed
            ? string.Create(CultureInfo.InvariantCulture, $", {waiting.Seconds / claimed:0.0} times what the plan claims")
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"round {waiting.Round}: {ReadableTime.Of(waiting.Seconds, "0")} so far{claim}; it waits for {whom}");
    }

    public static string Resumption(RunResumed resumed) => resumed.Round == 0
        ? "Resumed: no round was complete, so it begins with the first."
        : $"Resumed after round {resumed.Round} of {resumed.Rounds}.";

    public static string Change(SettingsChanged changed)
    {
        string rounds = changed.Rounds is { } all ? string.Create(CultureInfo.InvariantCulture, $", {all} rounds in all") : "";
        string rate = changed.LearningRate is { } initial
            ? string.Create(CultureInfo.InvariantCulture, $", learning rate {initial}{(changed.Schedule == "constant" ? "" : $" ({changed.Schedule})")}")
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"From round {changed.FromRound} on{rounds}{rate}.");
    }

    public static string Remaining(TimeSpan time) => time <= TimeSpan.Zero ? "done" : $"{Duration(time)} left";

    public static string Duration(TimeSpan time) => ReadableTime.Of(time.TotalSeconds, "0");

    private static string Devices(int count) => count == 1 ? "1 device" : $"{count} devices";
}
