using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeSplit.Tests.Cli;

namespace EdgeSplit.Tests.Faults;

/// <summary>A <c>launch</c> with a temporary folder of its own, and the processes it started, as Linux shows them.</summary>
internal sealed class LaunchedProcess : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    private readonly CommandProcess launch;
    private readonly ConcurrentQueue<string> printed = new();
    private readonly SemaphoreSlim lines = new(0);
    private readonly Task reading;
    private readonly Dictionary<int, string> devices = [];

    private LaunchedProcess(CommandProcess launch)
    {
        this.launch = launch;
        reading = Task.WhenAll(ReadAsync(launch.Output), ReadAsync(launch.Error));
    }

    public string Printed => string.Join('\n', printed);

    public static LaunchedProcess Start(string temporary, params string[] arguments)
    {
        Directory.CreateDirectory(temporary);
        return new LaunchedProcess(CommandProcess.StartWithTemporary(temporary, arguments));
    }

    /// <summary>What of tokens is left in a temporary folder.</summary>
    public static IEnumerable<string> LeftIn(string temporary) => Directory.EnumerateFileSystemEntries(temporary, "*", SearchOption.AllDirectories)
        .Where(path => path.Contains("token", StringComparison.OrdinalIgnoreCase) || path.Contains("edgesplit-launch", StringComparison.Ordinal));

    /// <summary>Lets it print so many lines, or end before, and then a while pass.</summary>
    /// <returns>The lines that came.</returns>
    public async Task<int> PassAsync(int count, TimeSpan pause)
    {
        int came = 0;
        for (; came < count && !reading.IsCompleted; came++)
            await lines.WaitAsync(TestContext.Current.CancellationToken);
        await Task.Delay(pause, TimeProvider.System, TestContext.Current.CancellationToken);
        return came;
    }

    /// <summary>Kills a device, as soon as it is there.</summary>
    public async Task KillDeviceAsync(string name)
    {
        int victim;
        while (!FindDevices().Any(device => device.Value == name))
            await Task.Delay(Poll, TimeProvider.System, TestContext.Current.CancellationToken);
        victim = devices.First(device => device.Value == name).Key;
        using Process process = Process.GetProcessById(victim);
        process.Kill();
    }

    /// <summary>Kills it, and not its devices.</summary>
    public async Task KillAsync()
    {
        FindDevices();
        launch.Destroy();
        await launch.EndAsync(TestContext.Current.CancellationToken);
    }

    public async Task UntilDevicesEndAsync()
    {
        while (devices.Keys.Any(id => NameOf(id) is not null))
            await Task.Delay(Poll, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>Its exit status; none of its devices is there then.</summary>
    public async Task<int> EndAsync()
    {
        Task<int> ended = launch.EndAsync(TestContext.Current.CancellationToken);
        while (await Task.WhenAny(ended, Task.Delay(Poll, TimeProvider.System, TestContext.Current.CancellationToken)) != ended)
            FindDevices();
        await reading;
        Assert.DoesNotContain(devices.Keys, id => NameOf(id) is not null);
        return await ended;
    }

    public ValueTask DisposeAsync()
    {
        launch.Dispose();
        foreach (int id in devices.Keys.Where(id => NameOf(id) is not null))
            Process.GetProcessById(id).Kill();
        return ValueTask.CompletedTask;
    }

    /// <summary>All devices that were there at some time, by process.</summary>
    private Dictionary<int, string> FindDevices()
    {
        foreach (string id in Tasks().SelectMany(task => Read($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            int process = int.Parse(id, System.Globalization.CultureInfo.InvariantCulture);
            if (NameOf(process) is { } name)
                devices[process] = name;
        }

        return devices;
    }

    private string[] Tasks()
    {
        try
        {
            return Directory.GetDirectories($"/proc/{launch.Id}/task");
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>The device that a process is; null where it is none, or has ended. Its token is no argument.</summary>
    private static string? NameOf(int process)
    {
        string[] arguments = Read($"/proc/{process}/cmdline").Split('\0');
        Assert.DoesNotContain(arguments, argument => argument.StartsWith("edgesplit_", StringComparison.Ordinal));
        int at = Array.IndexOf(arguments, "--name");
        return at >= 0 && arguments.Contains("device") ? arguments[at + 1] : null;
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private async Task ReadAsync(TextReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            printed.Enqueue(line);
            lines.Release();
        }

        lines.Release(1000);
    }
}
