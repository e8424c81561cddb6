using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace EdgeSplit.Server.Transport;

/// <summary>
/// Kestrel's way to the network: connections that read a socket when they are asked to, and not ahead. Kestrel's own transport reads each
/// socket in a loop of its own, into buffers that others copy from on other threads, which costs a tensor of megabytes as much as
/// the kernel's work for it; and while it reads, nobody else can (docs/decisions/0010).
/// </summary>
internal sealed class StreamTransport : IConnectionListenerFactory
{
    private const int Backlog = 512;

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The listener owns it.")]
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket? socket = null;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.Listen(Backlog);
            return new(new Listener(socket));
        }
        catch (SocketException failure)
        {
            socket?.Dispose();
            if (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
                throw new AddressInUseException(failure.Message, failure);
            throw;
        }
    }

    private sealed class Listener(Socket socket) : IConnectionListener
    {
        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        /// <returns>Null when it no longer listens.</returns>
        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                try
                {
                    Socket accepted = await socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                    return new StreamConnection(accepted);
                }
                catch (ObjectDisposedException)
                {
                    return null;
                }
                catch (SocketException ended) when (ended.SocketErrorCode == SocketError.OperationAborted)
                {
                    return null;
                }
                catch (SocketException)
                {
                    // It was reset before it was accepted; the next one may be well.
                }
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync(CancellationToken.None);
    }
}
