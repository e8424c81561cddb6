using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Benchmarks;

/// <summary>
/// Steps between an edge server and a device over loopback TCP, both ends in this process and no arithmetic: bytes per second beside
/// those of bare sockets, CPU time, allocation, and bytes counted at the device's socket over the tensors' own.
/// </summary>
internal static class WireBenchmark
{
    /// <summary>Those of <see cref="NetworkBenchmark"/>.</summary>
    private static readonly Case[] Cases =
    [
        new("vgg11", 32, network => network.Blocks[..^1].MaxBy(block => block.OutputBytes)!.Number, Steps: 400),
        new("resnet18", 128, _ => 2, Steps: 400),
    ];

    private const int Pairs = 5;

    public static async Task RunAsync()
    {
        foreach (Case one in Cases)
        {
            Network network = new(ModelZoo.Create(one.Model, new Shape(3, 32, 32), 10));
            int cut = one.CutOf(network);
            Shape shape = network.Blocks[cut - 1].OutputShape.Prepend(one.Batch);
            Console.WriteLine(
                $"{one.Model} batch {one.Batch}, cut {cut}/{network.Length} ({network.Blocks[cut - 1].Name}): smashed data of {shape}, {one.Steps} steps");
            foreach (TensorEncoding encoding in Enum.GetValues<TensorEncoding>())
                await ReportAsync(one, network, cut, shape, encoding).ConfigureAwait(false);
        }
    }

    private static async Task ReportAsync(Case one, Network network, int cut, Shape shape, TensorEncoding encoding)
    {
        Cost[] wired = new Cost[Pairs], bare = new Cost[Pairs];
        for (int pair = 0; pair < Pairs; pair++)
        {
            wired[pair] = await LinkAsync(one, network, cut, shape, encoding).ConfigureAwait(false);
            bare[pair] = await BareAsync(one, (int)(shape.ElementCount * encoding.ElementType().Size())).ConfigureAwait(false);
        }

        Cost link = MedianOf(wired), socket = MedianOf(bare);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{encoding,-8}: {link.GigabytesPerSecond:0.00} GB/s ({link.GigabytesPerSecond / socket.GigabytesPerSecond:0.00} of bare sockets), "
            + $"{link.CpuSecondsPerGigabyte:0.00} CPU-s/GB both ends ({socket.CpuSecondsPerGigabyte:0.00} bare) "
            + $"{(link.CpuSecondsPerGigabyte <= 1.5 ? "meets" : "MISSES")} 1.5, "
            + $"{link.AllocatedPerByte:0.0000} bytes allocated per byte, "
            + $"{link.BytesOverTensors:0.0000} wire bytes per tensor byte {(link.BytesOverTensors <= 1.01 ? "meets" : "MISSES")} 1.01"));
    }

    /// <summary>Steps up and down between a server and a device as they are, but for their arithmetic.</summary>
    private static async Task<Cost> LinkAsync(Case one, Network network, int cut, Shape shape, TensorEncoding encoding)
    {
        WireBenchServer bench = await WireBenchServer.StartAsync(network.Spec.Name, one.Batch, encoding).ConfigureAwait(false);
        await using (bench.ConfigureAwait(false))
        {
            (ResumableLink server, ResumableLink device) = (bench.Server, bench.Device);
            RoundAgreement agreement = new(network, 1, cut, one.Batch, Share: null);
            using Weights weights = WeightInitializer.Initialize(network, 1);
            server.Agree(agreement);
            await Task.WhenAll(
                server.SendAsync(new Message.RoundStart(1, cut, 0.1, weights.Slice(network, 1, cut)), default).AsTask(),
                device.ReceiveAsync(default).AsTask()).ConfigureAwait(false);
            device.Agree(agreement);

            int step = 0;
            for (; step < one.WarmUpSteps; step++)
                await StepAsync(step).ConfigureAwait(false);
            Meter meter = Meter.Start();
            long wire = bench.SocketBytes;
            for (; step < one.WarmUpSteps + one.Steps; step++)
                await StepAsync(step).ConfigureAwait(false);
            long tensors = one.Steps * ((2 * shape.ElementCount * encoding.ElementType().Size()) + (one.Batch * sizeof(int)));
            return meter.Stop(tensors, bench.SocketBytes - wire);

            async Task StepAsync(int number)
            {
                HostTensor smashed = HostTensor.Rent(ElementType.Float32, shape), gradient = HostTensor.Rent(ElementType.Float32, shape);
                await device.SendAsync(new Message.StepUp(1, number, smashed, new int[one.Batch]), default).ConfigureAwait(false);
                (await server.ReceiveAsync(default).ConfigureAwait(false)).Discard();
                await server.SendAsync(new Message.StepDown(1, number, gradient), default).ConfigureAwait(false);
                (await device.ReceiveAsync(default).ConfigureAwait(false)).Discard();
            }
        }
    }

    /// <summary>The same bytes over the same sockets, and nothing else.</summary>
    private static async Task<Cost> BareAsync(Case one, int bytes)
    {
        (NetworkStream server, NetworkStream device) = await ConnectAsync().ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        await using (device.ConfigureAwait(false))
        {
            byte[] source = new byte[bytes], target = new byte[bytes];
            for (int step = 0; step < one.WarmUpSteps; step++)
                await StepAsync().ConfigureAwait(false);
            Meter meter = Meter.Start();
            for (int step = 0; step < one.Steps; step++)
                await StepAsync().ConfigureAwait(false);
            return meter.Stop(2L * one.Steps * bytes, 2L * one.Steps * bytes);

            async Task StepAsync()
            {
                await Task.WhenAll(device.WriteAsync(source).AsTask(), server.ReadExactlyAsync(target).AsTask()).ConfigureAwait(false);
                await Task.WhenAll(server.WriteAsync(source).AsTask(), device.ReadExactlyAsync(target).AsTask()).ConfigureAwait(false);
            }
        }
    }

    private static async Task<(NetworkStream Server, NetworkStream Device)> ConnectAsync()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Socket device = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await device.ConnectAsync(listener.LocalEndpoint).ConfigureAwait(false);
        Socket server = await listener.AcceptSocketAsync().ConfigureAwait(false);
        server.NoDelay = true;
        return (new NetworkStream(server, ownsSocket: true), new NetworkStream(device, ownsSocket: true));
    }

    private static Cost MedianOf(Cost[] costs) => costs.OrderBy(cost => cost.CpuSecondsPerGigabyte).ElementAt(costs.Length / 2);

    /// <param name="Model">In the zoo.</param>
    /// <param name="Batch">Samples.</param>
    /// <param name="CutOf">Where the network is cut.</param>
    /// <param name="Steps">That are measured, after half as many that are not.</param>
    private sealed record Case(string Model, int Batch, Func<Network, int> CutOf, int Steps)
    {
        public int WarmUpSteps => Steps / 2;
    }

    private sealed record Cost(double GigabytesPerSecond, double CpuSecondsPerGigabyte, double AllocatedPerByte, double BytesOverTensors);

    /// <summary>What the process has spent since it was started.</summary>
    private sealed record Meter(long Began, TimeSpan Cpu, long Allocated)
    {
        public static Meter Start() => new(TimeProvider.System.GetTimestamp(), CpuTime(), GC.GetTotalAllocatedBytes(precise: true));

        public Cost Stop(long tensorBytes, long wireBytes)
        {
            double seconds = TimeProvider.System.GetElapsedTime(Began).TotalSeconds;
            double cpu = (CpuTime() - Cpu).TotalSeconds;
            double gigabytes = tensorBytes / 1e9;
            return new Cost(
                gigabytes / seconds, cpu / gigabytes, (double)(GC.GetTotalAllocatedBytes(precise: true) - Allocated) / tensorBytes, (double)wireBytes / tensorBytes);
        }

        private static TimeSpan CpuTime()
        {
            using Process self = Process.GetCurrentProcess();
            return self.TotalProcessorTime;
        }
    }
}
