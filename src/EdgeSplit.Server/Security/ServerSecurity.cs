using EdgeSplit.Server.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EdgeSplit.Server.Security;

/// <summary>Where a server listens, how it shows who it is, and whom it lets in.</summary>
/// <param name="Listen">The address.</param>
/// <param name="Tls">Null for none: on this machine, or where the user says that nobody can listen.</param>
/// <param name="Tokens">The devices that may join.</param>
public sealed record ServerSecurity(ListenAddress Listen, ServerTls? Tls, ITokenSource Tokens)
{
    /// <summary>Of a request's first line, in bytes.</summary>
    private const int LargestRequestLine = 4 << 10;

    /// <summary>Of all headers together, in bytes: a token and what an upgrade needs are far less.</summary>
    private const int LargestHeaders = 8 << 10;

    private const int MostHeaders = 64;

    /// <summary>
    /// Sets Kestrel to listen there, within limits that hold for anyone, and offers <see cref="DeviceAuthenticator"/>,
    /// <see cref="TokenRegister"/> and <see cref="ConnectionGate"/> as services.
    /// </summary>
    public void AddTo(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new TokenRegister(Tokens));
        services.AddSingleton<FailureLimit>();
        services.AddSingleton(provider => new ConnectionGate(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<DeviceAuthenticator>();
        // The last one added is the one that Kestrel takes.
        services.AddSingleton<IConnectionListenerFactory, StreamTransport>();
        services.AddOptions<KestrelServerOptions>().Configure<ConnectionGate>(Configure);
    }

    private void Configure(KestrelServerOptions kestrel, ConnectionGate gate)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.RequestHeadersTimeout = limits.KeepAliveTimeout = ConnectionGate.Patience;
        limits.MaxRequestLineSize = LargestRequestLine;
        limits.MaxRequestHeadersTotalSize = LargestHeaders;
        limits.MaxRequestHeaderCount = MostHeaders;
        limits.MaxRequestBodySize = 0;
        kestrel.Listen(Listen.Address, Listen.Port, endpoint =>
        {
            // One connection is one device; HTTP/2 would let a stranger open many requests on one.
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.Use(next => connection => gate.PassAsync(connection, next));
            if (Tls is not null)
                endpoint.UseHttps(Tls.Configure);
        });
    }
}
