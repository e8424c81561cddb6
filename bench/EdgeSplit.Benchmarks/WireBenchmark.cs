using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeSplit.Compute;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Benchmarks;

/// <summary>
/// Steps between an edge server and a device over loopback TCP, both ends in this process and no arithmetic: bytes per second beside
/// those of bare sockets, CPU time, allocation, and bytes counted at the device's socket over the tensors' own.
/// </summary>
internal static class WireBenchmark
{
    private const int Steps = 200;
    private const int WarmUpSteps = 100;
    private const int Pairs = 5;

    public static async Task RunAsync()
    {
        foreach (BenchCut cut in (BenchCut[])[BenchCut.Vgg11, BenchCut.Resnet18])
        {
            Console.WriteLine($"{cut}: smashed data of {cut.SmashedShape}, {Steps} steps");
            foreach (TensorEncoding encoding in Enum.GetValues<TensorEncoding>())
                await ReportAsync(cut, encoding).ConfigureAwait(false);
        }
    }

    private static async Task ReportAsync(BenchCut cut, TensorEncoding encoding)
    {
        Cost[] wired = new Cost[Pairs], bare = new Cost[Pairs];
        for (int pair = 0; pair < Pairs; pair++)
        {
            wired[pair] = await LinkAsync(cut, encoding).ConfigureAwait(false);
            bare[pair] = await BareAsync((int)(cut.SmashedShape.ElementCount * encoding.ElementType().Size())).ConfigureAwait(false);
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
    private static async Task<Cost> LinkAsync(BenchCut cut, TensorEncoding encoding)
    {
        Shape shape = cut.SmashedShape;
        WireBenchServer bench = await WireBenchServer.StartAsync(cut.Model, cut.Batch, encoding).ConfigureAwait(false);
        await using (bench.ConfigureAwait(false))
        {
            (ResumableLink server, ResumableLink device) = (bench.Server, bench.Device);
            RoundAgreement agreement = new(cut.Network, 1, cut.Cut, cut.Batch, Share: null);
            using Weights weights = WeightInitializer.Initialize(cut.Network, 1);
            server.Agree(agreement);
            await Task.WhenAll(
                server.SendAsync(new Message.RoundStart(1, cut.Cut, 0.1, weights.Slice(cut.Network, 1, cut.Cut)), default).AsTask(),
                device.ReceiveAsync(default).AsTask()).ConfigureAwait(false);
            device.Agree(agreement);

            int step = 0;
            for (; step < WarmUpSteps; step++)
                await StepAsync(step).ConfigureAwait(false);
            Meter meter = Meter.Start();
            long wire = bench.SocketBytes;
            for (; step < WarmUpSteps + Steps; step++)
                await StepAsync(step).ConfigureAwait(false);
            long tensors = Steps * ((2 * shape.ElementCount * encoding.ElementType().Size()) + (cut.Batch * sizeof(int)));
            return meter.Stop(tensors, bench.SocketBytes - wire);

            async Task StepAsync(int number)
            {
                HostTensor smashed = HostTensor.Rent(ElementType.Float32, shape), gradient = HostTensor.Rent(ElementType.Float32, shape);
                await device.SendAsync(new Message.StepUp(1, number, smashed, new int[cut.Batch]), default).ConfigureAwait(false);
                (await server.ReceiveAsync(default).ConfigureAwait(false)).Discard();
                await server.SendAsync(new Message.StepDown(1, number, gradient), default).ConfigureAwait(false);
                (await device.ReceiveAsync(default).ConfigureAwait(false)).Discard();
            }
        }
    }

    /// <summary>The same bytes over the same sockets, and nothing else.</summary>
    private static async Task<Cost> BareAsync(int bytes)
    {
        (NetworkStream server, NetworkStream device) = await ConnectAsync().ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        await using (device.ConfigureAwait(false))
        {
            byte[] source = new byte[bytes], target = new byte[bytes];
            for (int step = 0; step < WarmUpSteps; step++)
                await StepAsync().ConfigureAwait(false);
            Meter meter = Meter.Start();
            for (int step = 0; step < Steps; step++)
                await StepAsync().ConfigureAwait(false);
            return meter.Stop(2L * Steps * bytes, 2L * Steps * bytes);

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
