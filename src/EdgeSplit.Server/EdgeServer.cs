using System.Net;
using System.Net.Sockets;
using EdgeSplit.Server.Security;
using EdgeSplit.Server.Sessions;
using EdgeSplit.Server.Transport;
using EdgeSplit.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeSplit.Server;

/// <summary>Where devices find their server: an HTTP host that takes each into its session over a WebSocket.</summary>
public sealed class EdgeServer : IAsyncDisposable
{
    private const string HealthPath = "/healthz";

    private readonly WebApplication application;

    private EdgeServer(WebApplication application, DeviceSessions sessions)
    {
        this.application = application;
        Sessions = sessions;
        Address = new Uri(application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
    }

    /// <summary>Where it listens, with the port it took.</summary>
    public Uri Address { get; }

    public DeviceSessions Sessions { get; }

    /// <summary>Listens, and takes devices in.</summary>
    /// <param name="security">Where, and whom.</param>
    /// <param name="terms">What it tells them.</param>
    /// <param name="linkOptions">Of the link to a device, by its index.</param>
    /// <param name="clock">Paces, measures and times out.</param>
    /// <param name="log">What is told of what; quiet by default.</param>
    /// <param name="cancellation">Gives starting up.</param>
    /// <exception cref="InvalidInputException">It cannot listen there.</exception>
    public static async Task<EdgeServer> StartAsync(
        ServerSecurity security, FleetTerms terms, Func<int, LinkOptions> linkOptions, TimeProvider clock, Action<ILoggingBuilder> log,
        CancellationToken cancellation)
    {
        // Empty: neither files of settings nor the environment say anything to this host, and Ctrl-C is the command's.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton(clock);
        security.AddTo(builder.Services);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton(new DeviceSessions(terms, linkOptions));
        builder.Services.AddSingleton<DeviceReception>();
        builder.Services.AddLogging(log);

        WebApplication application = builder.Build();
        // The link has its own heartbeat, which also tells a peer that is there from one that is alive.
        application.Use(next => context => DirectUpgrade.OfferAsync(context, next));
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        application.Run(AnswerAsync);
        try
        {
            await application.StartAsync(cancellation).ConfigureAwait(false);
            return new EdgeServer(application, application.Services.GetRequiredService<DeviceSessions>());
        }
        catch (IOException inUse)
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw new InvalidInputException("--listen", $"{security.Listen}: {inUse.Message}", "give another port; 0 takes one that is free");
        }
        catch (SocketException refused)
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw new InvalidInputException("--listen", $"{security.Listen}: {refused.Message}", "give an address of this machine, or *:PORT for all of them");
        }
        catch
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Says goodbye to every device, or why the run is not over, and waits until they are gone, though not for ever.</summary>
    public Task CloseAsync(RefusedException? failure, TimeSpan patience)
    {
        Sessions.Close(failure);
        return application.Services.GetRequiredService<DeviceReception>().WaitUntilEmptyAsync(patience);
    }

    /// <summary>Stops listening; connections still open are cut.</summary>
    public async ValueTask DisposeAsync() => await application.DisposeAsync().ConfigureAwait(false);

    private static Task AnswerAsync(HttpContext context) => context.Request.Path.Value switch
    {
        Handshake.Path => TakeInAsync(context),
        HealthPath => context.Response.WriteAsync("ok\n", context.RequestAborted),
        _ => RefuseAsync(context, HttpStatusCode.NotFound),
    };

    private static async Task TakeInAsync(HttpContext context)
    {
        if (context.RequestServices.GetRequiredService<DeviceAuthenticator>().Authenticate(context) is not { } owner)
            return;
        if (!context.WebSockets.IsWebSocketRequest || !context.WebSockets.WebSocketRequestedProtocols.Contains(Handshake.SubProtocol))
        {
            await RefuseAsync(context, HttpStatusCode.UpgradeRequired).ConfigureAwait(false);
            return;
        }

        using System.Net.WebSockets.WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(Handshake.SubProtocol).ConfigureAwait(false);
        await context.RequestServices.GetRequiredService<DeviceReception>().ServeAsync(socket, owner, $"{context.Connection.RemoteIpAddress}:{context.Connection.RemotePort}", context.RequestAborted).ConfigureAwait(false);
    }

    private static Task RefuseAsync(HttpContext context, HttpStatusCode status)
    {
        context.Response.StatusCode = (int)status;
        return Task.CompletedTask;
    }

    /// <summary>Whoever starts the server ends it; no signal does.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
