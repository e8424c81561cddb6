using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace EdgeSplit.Server.Transport;

/// <summary>One socket, as pipes to Kestrel and as a stream to who takes the connection over. It holds no buffer while nothing comes.</summary>
internal sealed class StreamConnection : DefaultConnectionContext
{
    /// <summary>Of a read: a TLS record and more, and what a stranger makes the server hold by beginning a request.</summary>
    private const int BufferBytes = 32 << 10;

    private static long count;

    private readonly Socket socket;

    /// <summary>Never disposed: it is cancelled from other threads, and without a timer it holds nothing.</summary>
    private readonly CancellationTokenSource closed = new();

    public StreamConnection(Socket socket)
        : base(Interlocked.Increment(ref count).ToString(CultureInfo.InvariantCulture))
    {
        this.socket = socket;
        if (socket.ProtocolType == ProtocolType.Tcp)
            socket.NoDelay = true;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        Stream = new NetworkStream(socket, ownsSocket: true);
        Transport = new Pipes(
            PipeReader.Create(Stream, new StreamPipeReaderOptions(MemoryPool<byte>.Shared, BufferBytes, leaveOpen: true, useZeroByteReads: true)),
            PipeWriter.Create(Stream, new StreamPipeWriterOptions(MemoryPool<byte>.Shared, leaveOpen: true)));
        ConnectionClosed = closed.Token;
        Features.Set(this);
    }

    /// <summary>The socket's, for who reads and writes it instead of the pipes.</summary>
    public NetworkStream Stream { get; }

    /// <summary>Whether something was read of the socket that nobody has taken from the pipe.</summary>
    public bool HasReadAhead
    {
        get
        {
            if (!Transport.Input.TryRead(out ReadResult read))
                return false;
            Transport.Input.AdvanceTo(read.Buffer.Start);
            return !read.Buffer.IsEmpty;
        }
    }

    /// <summary>Cuts the connection: who reads or writes it fails.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        // No lingering: what was not sent is not to be sent.
        socket.Close(timeout: 0);
        _ = closed.CancelAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync().ConfigureAwait(false);
        await Transport.Output.CompleteAsync().ConfigureAwait(false);
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // By the other end, or by whoever took the connection over.
        }

        await Stream.DisposeAsync().ConfigureAwait(false);
        await closed.CancelAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class Pipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
