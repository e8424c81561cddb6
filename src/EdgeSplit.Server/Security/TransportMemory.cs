using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace EdgeSplit.Server.Security;

/// <summary>
/// Kestrel's buffers, larger than its own of 4 KiB: it reads a socket one buffer at a time, so that a tensor of megabytes would
/// take a system call, and a hand-over between threads, for every page of it. A connection that says nothing holds none.
/// </summary>
internal sealed class TransportMemory : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    /// <summary>What a stranger can make the server hold by beginning a request.</summary>
    public const int BlockBytes = 32 << 10;

    public override int MaxBufferSize => int.MaxValue;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Block(Math.Max(minBufferSize, BlockBytes));

    protected override void Dispose(bool disposing)
    {
    }

    private sealed class Block(int bytes) : IMemoryOwner<byte>
    {
        private byte[]? array = ArrayPool<byte>.Shared.Rent(bytes);

        public Memory<byte> Memory => array;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref array, null) is { } returned)
                ArrayPool<byte>.Shared.Return(returned);
        }
    }
}
