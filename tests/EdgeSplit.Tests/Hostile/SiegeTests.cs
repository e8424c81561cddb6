using System.Globalization;
using System.Net;
using EdgeSplit.Numerics;
using EdgeSplit.Server.Security;
using EdgeSplit.Tests.Cli;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Wire.Protocol;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Hostile;

/// <summary>A server and two honest devices, all processes, while everyone else does his worst: they come to the weights they come to alone.</summary>
[Collection(TorchCollection.Name)]
public sealed class SiegeTests : IDisposable
{
    private const string Experiment = """
        name: besieged
        model: lenet5
        data: { source: fashion-mnist, trainSamples: 300, testSamples: 50 }
        training: { rounds: 3, localSteps: 2, batch: 16 }
        fleet: { devices: [{ name: a, cut: 2 }, { name: b, cut: 1 }] }
        """;

    /// <summary>What docs/security.md states that strangers may cost a server.</summary>
    private const long StrangersBytes = 128 << 20;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_crowd_that_says_nothing_or_half_a_thing_costs_a_bounded_memory_and_no_device_its_place()
    {
        using FleetProcesses fleet = await FleetProcesses.StartAsync(Experiment, ["a", "b"]);
        long before = PeakBytes(fleet.ServerId);
        using SilentCrowd silent = await SilentCrowd.GatherAsync(fleet.Address.Port, SilentCrowd.Size, "");
        using SilentCrowd slow = await SilentCrowd.GatherAsync(
            fleet.Address.Port, SilentCrowd.Size / 4, "GET /edgesplit/v1/device HTTP/1.1\r\nHost: x\r\nX: " + new string('a', 3000));
        long after = PeakBytes(fleet.ServerId);
        fleet.StartDevices("a");
        using SilentCrowd late = await SilentCrowd.GatherAsync(fleet.Address.Port, SilentCrowd.Size / 4, "\r\n");
        // Only now, or the run could be over, and nobody listening, before the last of them has come.
        fleet.StartDevices("b");
        await fleet.FinishAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{SilentCrowd.Size} strangers raised the server's peak memory by {(after - before) >> 20} MiB.");
        Assert.Equal(await AloneAsync(), fleet.Model);
        Assert.InRange(after - before, long.MinValue, StrangersBytes);
    }

    [Fact]
    public async Task Without_the_right_token_nothing_begins_and_with_another_devices_nothing_either()
    {
        using FleetProcesses fleet = await FleetProcesses.StartAsync(Experiment, ["a", "b", "mallory"]);
        DeviceSecurity asMallory = fleet.SecurityOf("mallory");
        using (HostileDevice a = await HostileDevice.JoinAsync(fleet.SecurityOf("a"), "a"))
        {
            Hello recorded = HostileDevice.HelloOf("a");
            recorded.Session = a.Welcome.Session;
            Assert.Equal(ErrorCode.Identity, await AnswerToAsync(asMallory, recorded));
            DeviceSecurity guessing = asMallory with { Token = DeviceToken.Create() };
            await Assert.ThrowsAsync<InvalidInputException>(() => HostileDevice.ConnectAsync(guessing));
            Assert.Equal(HttpStatusCode.Unauthorized, await AnswerWithoutTokenAsync(fleet));
        }

        Assert.Equal(ErrorCode.Identity, await AnswerToAsync(asMallory, HostileDevice.HelloOf("b")));
        Assert.Equal(ErrorCode.Identity, await AnswerToAsync(asMallory, HostileDevice.HelloOf("mallory")));
        fleet.StartDevices("a", "b");
        string printed = await fleet.FinishAsync();
        Assert.Equal(await AloneAsync(), fleet.Model);
        Assert.All(fleet.Tokens, token => Assert.DoesNotContain(token, printed, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Before_a_hello_whatever_is_said_ends_that_connection_only()
    {
        SeededRandom random = new(11);
        using FleetProcesses fleet = await FleetProcesses.StartAsync(Experiment, ["a", "b", "mallory"]);
        fleet.StartDevices("a", "b");
        DeviceSecurity asMallory = fleet.SecurityOf("mallory");
        using HostileDevice half = await HostileDevice.ConnectAsync(asMallory);
        await half.SendAsync(new byte[] { 50, 0, 0, 0, 1 }, isWhole: false);
        for (int number = 0; number < 50; number++)
        {
            using HostileDevice mallory = await HostileDevice.ConnectAsync(asMallory);
            byte[] bytes = [.. Enumerable.Range(0, 4 + random.NextInt(1000)).Select(_ => (byte)random.NextInt(256))];
            if (number % 2 == 0)
                BitConverter.TryWriteBytes(bytes, bytes.Length - 4);
            await mallory.SendAsync(bytes);
            if (number % 5 == 0)
                await mallory.SendAsync(new FrameHeader { Hello = HostileDevice.HelloOf("mallory"), PayloadBytes = 1UL << 60 });
            await mallory.ReadErrorAsync();
        }

        await fleet.FinishAsync();
        Assert.Equal(await AloneAsync(), fleet.Model);
    }

    [Fact]
    public async Task Over_TLS_a_device_takes_its_own_server_and_no_other()
    {
        CertificateFingerprint ours = Made("server.pem"), theirs = Made("other.pem");
        using FleetProcesses fleet = await FleetProcesses.StartAsync(Experiment, ["a", "b"], "--cert", folder.At("server.pem"));
        Assert.Equal(Uri.UriSchemeHttps, fleet.Address.Scheme);
        (int status, string error) = await fleet.TryDeviceAsync("a");
        Assert.Equal(2, status);
        Assert.Contains($"error: --server: the server's certificate is not trusted: it vouches for itself; its SHA-256 fingerprint is {ours}", error, StringComparison.Ordinal);
        (status, error) = await fleet.TryDeviceAsync("a", "--fingerprint", theirs.ToString());
        Assert.Equal(2, status);
        Assert.Contains("error: --fingerprint: the server's certificate is another one", error, StringComparison.Ordinal);

        fleet.StartDevice("a", "--fingerprint", ours.ToString());
        fleet.StartDevice("b", "--fingerprint", ours.ToString());
        string printed = await fleet.FinishAsync();
        Assert.Contains($"The certificate's SHA-256 fingerprint is {ours}", printed, StringComparison.Ordinal);
        Assert.Equal(await AloneAsync(), fleet.Model);
        Assert.DoesNotContain(DeviceToken.Prefix, printed, StringComparison.Ordinal);

        CertificateFingerprint Made(string file) =>
            CertificateFingerprint.Of(SelfMadeCertificate.OpenOrMake(folder.At(file), TimeProvider.System).Certificate);
    }

    [Fact]
    public async Task No_token_is_in_what_others_can_see_of_a_run()
    {
        using FleetProcesses fleet = await FleetProcesses.StartAsync(Experiment, ["a", "b"]);
        fleet.StartDevices("a", "b");
        List<string> seen = [];
        if (OperatingSystem.IsLinux())
        {
            foreach (int id in fleet.Ids)
                seen.AddRange(await File.ReadAllTextAsync($"/proc/{id}/cmdline"), await File.ReadAllTextAsync($"/proc/{id}/environ"));
        }

        seen.Add(await fleet.FinishAsync());
        seen.AddRange(fleet.ReadRun().Select(file => file.Text));
        Assert.Contains(seen, text => text.Contains("joined with", StringComparison.Ordinal));
        Assert.All(seen, text => Assert.DoesNotContain(DeviceToken.Prefix, text, StringComparison.Ordinal));
    }

    private async Task<byte[]> AloneAsync()
    {
        string run = folder.At("alone");
        await CommandLine.RunWellAsync("train", folder.Write("experiment.yaml", Experiment), "--out", run, "--progress", "json");
        return await File.ReadAllBytesAsync(Path.Combine(run, "model.safetensors"));
    }

    private static async Task<ErrorCode?> AnswerToAsync(DeviceSecurity security, Hello hello)
    {
        using HostileDevice device = await HostileDevice.ConnectAsync(security);
        await device.SendAsync(new FrameHeader { Hello = hello });
        return (await device.ReadErrorAsync())?.Code;
    }

    private static async Task<HttpStatusCode> AnswerWithoutTokenAsync(FleetProcesses fleet)
    {
        using HttpClient client = new();
        using HttpResponseMessage answer = await client.GetAsync(new Uri(fleet.Address, EdgeSplit.Wire.Handshake.Path), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    /// <summary>The most memory a process has held so far; 0 where the system does not tell.</summary>
    private static long PeakBytes(int process)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        string line = File.ReadLines($"/proc/{process}/status").First(each => each.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
