namespace EdgeSplit.Training;

/// <summary>What people are told where two machines do not compute the same bits.</summary>
public static class NumericsWords
{
    /// <summary>What of a machine's description is shown: it comes over the network.</summary>
    private const int Longest = 300;

    /// <summary>That a device's results are not bitwise those of the server; null where they are, or where it does not say how it computes.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="own">How it computes, <see cref="Compute.IEngine.NumericsOf"/>; empty where it does not say.</param>
    /// <param name="server">How the server does.</param>
    public static string? OfDevice(string device, string own, string server) => own == server
        ? null
        : own.Length == 0
            ? $"{device} does not say with what engine and processor it computes, so this run's weights need not be bitwise those of another"
            : $"{device} computes with {Shown(own)}, and the server with {Shown(server)}: another engine or processor rounds otherwise, so this run's weights are not bitwise those of 'edgesplit train'";

    /// <summary>That a run goes on where it computes otherwise than before; null where it does not, or where that is not known.</summary>
    public static string? OfResumption(string? before, string now) => before is null || before == now
        ? null
        : $"this run went on so far with {Shown(before)}, and from here with {Shown(now)}: another engine or processor rounds otherwise, so its weights are not bitwise those of a run that never stopped";

    /// <summary>Without control characters, and no longer than people read.</summary>
    public static string Shown(string numerics) =>
        string.Concat(numerics.Take(Longest).Select(one => char.IsControl(one) ? '?' : one));
}
