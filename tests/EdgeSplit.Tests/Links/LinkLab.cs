using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace EdgeSplit.Tests.Links;

/// <summary>
/// Hosts of a network of their own on this machine: each a network namespace, with a cable to one switch. A cable's rate is limited
/// each way by the kernel (<c>tc tbf</c>). Nothing of it is seen outside, and nothing is left.
/// </summary>
internal sealed class LinkLab : IDisposable
{
    /// <summary>Every host's end of its cable.</summary>
    public const string Interface = "cable0";

    private const string Network = "10.73.0.";
    private static int made;

    private readonly string prefix = FormattableString.Invariant($"edgesplit-{Environment.ProcessId}-{Interlocked.Increment(ref made)}");
    private readonly List<string> hosts = [];

    private LinkLab() => Do("ip", "netns", "add", Switch);

    private string Switch => $"{prefix}-switch";

    /// <summary>An empty network; skips the test where this process may not make one.</summary>
    public static LinkLab Create()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Network namespaces are Linux's.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may make network namespaces.");
        Assert.SkipUnless(IsThere("ip") && IsThere("tc"), "There is no 'ip' or no 'tc' here; both are in the package iproute2.");
        LinkLab lab = new();
        try
        {
            // A machine may have neither bridges nor tbf in its kernel.
            lab.SetUpSwitch();
        }
        catch (InvalidOperationException refused)
        {
            lab.Dispose();
            Assert.Skip($"This machine's kernel does not let networks be made: {refused.Message}");
        }

        return lab;
    }

    /// <summary>Connects another host.</summary>
    /// <param name="name">Short, and unique here.</param>
    /// <param name="sendMbps">What the host's cable carries from it; null for no limit.</param>
    /// <param name="receiveMbps">What it carries to the host; null for no limit.</param>
    public LabHost Connect(string name, double? sendMbps = null, double? receiveMbps = null)
    {
        string space = $"{prefix}-{name}";
        Do("ip", "netns", "add", space);
        hosts.Add(space);
        string address = FormattableString.Invariant($"{Network}{hosts.Count}");
        Do("ip", "-n", space, "link", "add", Interface, "type", "veth", "peer", "name", name, "netns", Switch);
        Do("ip", "-n", space, "address", "add", $"{address}/24", "dev", Interface);
        Do("ip", "-n", space, "link", "set", "lo", "up");
        Do("ip", "-n", space, "link", "set", Interface, "up");
        Do("ip", "-n", Switch, "link", "set", name, "master", "bridge", "up");
        Limit(space, Interface, sendMbps);
        Limit(Switch, name, receiveMbps);
        return new LabHost(space, address);
    }

    public void Dispose()
    {
        // With a namespace go its end of every cable, and so the cable.
        foreach (string space in (string[])[.. hosts, Switch])
            Run("ip", "netns", "delete", space);
    }

    private void SetUpSwitch()
    {
        Do("ip", "-n", Switch, "link", "add", "bridge", "type", "bridge");
        Do("ip", "-n", Switch, "link", "set", "bridge", "up");
        Do("tc", "-n", Switch, "qdisc", "add", "dev", "bridge", "root", "tbf", "rate", "8mbit", "burst", "16kb", "latency", "50ms");
        Do("tc", "-n", Switch, "qdisc", "delete", "dev", "bridge", "root");
    }

    /// <summary>A bucket of 5 ms, or what the kernel's timer needs, and a queue as long as access points have.</summary>
    private static void Limit(string space, string device, double? mbps)
    {
        if (mbps is not { } rate)
            return;
        int burst = Math.Max(16_000, (int)(rate * 1e6 / 8 * 0.005));
        Do(
            "tc", "-n", space, "qdisc", "add", "dev", device, "root", "tbf", "rate", string.Create(CultureInfo.InvariantCulture, $"{rate * 1e6:0}bit"),
            "burst", burst.ToString(CultureInfo.InvariantCulture), "latency", "300ms");
    }

    private static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));

    private static void Do(string program, params string[] arguments)
    {
        (int status, string error) = Run(program, arguments);
        if (status != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error.Trim()}");
    }

    private static (int Status, string Error) Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, error);
        }
        catch (Win32Exception missing)
        {
            return (-1, missing.Message);
        }
    }
}

/// <summary>A host of a <see cref="LinkLab"/>.</summary>
/// <param name="Namespace">What <c>ip netns exec</c> calls it.</param>
/// <param name="Address">Where the others find it.</param>
internal sealed record LabHost(string Namespace, string Address);
