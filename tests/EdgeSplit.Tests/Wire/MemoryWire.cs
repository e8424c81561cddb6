using System.IO.Pipelines;
using System.Net.WebSockets;

namespace EdgeSplit.Tests.Wire;

/// <summary>Two WebSockets joined in memory, over a wire that breaks after so many bytes in one direction or the other.</summary>
internal sealed class MemoryWire
{
    private readonly Pipe up = new();
    private readonly Pipe down = new();
    private long total;
    private long upLeft;
    private long downLeft;

    /// <param name="bytesUp">From device to server, until it breaks.</param>
    /// <param name="bytesDown">From server to device.</param>
    public MemoryWire(long bytesUp = long.MaxValue, long bytesDown = long.MaxValue)
    {
        upLeft = bytesUp;
        downLeft = bytesDown;
        Server = WebSocket.CreateFromStream(new End(this, isServer: true), new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        Device = WebSocket.CreateFromStream(new End(this, isServer: false), new WebSocketCreationOptions { KeepAliveInterval = TimeSpan.Zero });
    }

    public WebSocket Server { get; }

    public WebSocket Device { get; }

    /// <summary>All that was written into it, in both directions, WebSocket headers included.</summary>
    public long Bytes => Volatile.Read(ref total);

    /// <summary>Loses whatever is under way, in both directions.</summary>
    public void Break()
    {
        IOException broken = new("The wire broke.");
        up.Writer.Complete(broken);
        down.Writer.Complete(broken);
    }

    private long Take(bool isUp, int bytes)
    {
        ref long left = ref isUp ? ref upLeft : ref downLeft;
        long taken = Math.Min(left, bytes);
        left -= taken;
        Interlocked.Add(ref total, taken);
        return taken;
    }

    private sealed class End(MemoryWire wire, bool isServer) : Stream
    {
        private readonly Stream reading = (isServer ? wire.up : wire.down).Reader.AsStream();
        private readonly Stream writing = (isServer ? wire.down : wire.up).Writer.AsStream();

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            reading.ReadAsync(buffer, cancellationToken);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            long allowed = wire.Take(isUp: !isServer, buffer.Length);
            try
            {
                await writing.WriteAsync(buffer[..(int)allowed], cancellationToken);
            }
            catch (InvalidOperationException)
            {
                throw new IOException("The wire broke.");
            }

            if (allowed == buffer.Length)
                return;
            wire.Break();
            throw new IOException("The wire broke.");
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            wire.Break();
            base.Dispose(disposing);
        }
    }
}
