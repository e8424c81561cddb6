using System.Net.Sockets;
using System.Net.WebSockets;
using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Server;
using EdgeSplit.Server.Security;
using EdgeSplit.Server.Sessions;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Security;
using Microsoft.Extensions.Logging;

namespace EdgeSplit.Benchmarks;

/// <summary>An edge server and a device that is connected to it, with their links in the benchmark's hands.</summary>
internal sealed class WireBenchServer : IAsyncDisposable
{
    private const string DeviceName = "device";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgesplit-bench-");
    private readonly TaskCompletionSource<ResumableLink> joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EdgeServer? host;
    private Task device = Task.CompletedTask;
    private CountingStream? counted;

    private WireBenchServer()
    {
    }

    public ResumableLink Server { get; private set; } = null!;

    public ResumableLink Device { get; private set; } = null!;

    /// <summary>Bytes that went through the device's socket, both ways.</summary>
    public long SocketBytes => counted!.Bytes;

    public static async Task<WireBenchServer> StartAsync(string model, int batch, TensorEncoding encoding)
    {
        WireBenchServer bench = new();
        PreparedExperiment prepared = await PreparedExperiment.PrepareAsync(
            ExperimentFile.Parse(
                $$"""
                name: wire
                model: {{model}}
                data: { source: synthetic, shape: 3x32x32, classes: 10, trainSamples: {{batch}}, testSamples: 10 }
                training: { rounds: 1, localSteps: 1, batch: {{batch}}, encoding: {{NameOf(encoding)}} }
                fleet: { devices: [{ name: {{DeviceName}}, cut: 1 }] }
                """,
                bench.folder.FullName),
            new DatasetCatalog(DatasetLocations.Find(null))).ConfigureAwait(false);
        FleetTerms terms = new(prepared);
        TokenStore store = new(Path.Combine(bench.folder.FullName, TokenStore.DefaultName), TimeProvider.System);
        DeviceToken? token = null;
        await store.EnrollAsync(DeviceName, renew: false, made => token = made).ConfigureAwait(false);
        bench.host = await EdgeServer.StartAsync(
            new ServerSecurity(ListenAddress.Parse("127.0.0.1:0", "bench"), Tls: null, store), terms,
            new SharedLinks(prepared.Experiment, terms, TimeProvider.System).OptionsFor, TimeProvider.System,
            log => log.SetMinimumLevel(LogLevel.None), CancellationToken.None).ConfigureAwait(false);
        Uri endpoint = ServerAddress.Parse(bench.host.Address.ToString(), insecure: false).Endpoint;
        DeviceConnectionOptions options = new(endpoint, DeviceName, batch, "bench", TimeProvider.System)
        {
            Open = opening => bench.OpenAsync(endpoint, token!, opening),
        };
        DeviceConnection connection = new(options, _ => { }, (_, _) => Task.FromResult(""), (_, link, _) => bench.HoldAsync(link));
        bench.device = Task.Run(() => connection.RunAsync(CancellationToken.None));
        bench.Device = await bench.joined.Task.ConfigureAwait(false);
        bench.Server = await bench.host.Sessions.LinkOfAsync(0, CancellationToken.None).ConfigureAwait(false);
        return bench;
    }

    public async ValueTask DisposeAsync()
    {
        done.TrySetResult();
        await device.ConfigureAwait(false);
        if (host is not null)
            await host.DisposeAsync().ConfigureAwait(false);
        folder.Delete(recursive: true);
    }

    private static string NameOf(TensorEncoding encoding) => encoding switch
    {
        TensorEncoding.BFloat16 => "bf16",
        TensorEncoding.Float16 => "fp16",
        _ => "float32",
    };

    private Task HoldAsync(ResumableLink link)
    {
        joined.SetResult(link);
        return done.Task;
    }

    /// <summary>As a device does, over a socket that counts.</summary>
    private async Task<WebSocket> OpenAsync(Uri endpoint, DeviceToken token, CancellationToken opening)
    {
        ClientWebSocket socket = new();
        socket.Options.AddSubProtocol(Handshake.SubProtocol);
        socket.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token.Reveal()}");
#pragma warning disable CA2000 // The connection lives as long as the benchmark.
        SocketsHttpHandler handler = new() { ConnectCallback = CountAsync, UseProxy = false };
        await socket.ConnectAsync(endpoint, new HttpMessageInvoker(handler), opening).ConfigureAwait(false);
#pragma warning restore CA2000
        return socket;
    }

    private async ValueTask<Stream> CountAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(context.DnsEndPoint, cancellation).ConfigureAwait(false);
        return counted = new CountingStream(socket);
    }

    /// <summary>A socket's stream that counts what is written to it and read from it.</summary>
    private sealed class CountingStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        private long bytes;

        public long Bytes => Volatile.Read(ref bytes);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Add(ref bytes, buffer.Length);
            return base.WriteAsync(buffer, cancellationToken);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref bytes, count);
            return count;
        }
    }
}
