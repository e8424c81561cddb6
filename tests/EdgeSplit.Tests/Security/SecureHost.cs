using System.Net.WebSockets;
using System.Text;
using EdgeSplit.Server;
using EdgeSplit.Server.Security;
using EdgeSplit.Server.Transport;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeSplit.Tests.Security;

/// <summary>The smallest server behind the real gate: it tells each device the name its token has.</summary>
internal sealed class SecureHost : IAsyncDisposable
{
    private readonly WebApplication application;

    private SecureHost(WebApplication application, CollectedLog log)
    {
        this.application = application;
        Log = log;
    }

    public CollectedLog Log { get; }

    public ConnectionGate Gate => application.Services.GetRequiredService<ConnectionGate>();

    public int Port => new Uri(application.Urls.Single()).Port;

    public ServerAddress Address => ServerAddress.Parse($"{new Uri(application.Urls.Single()).Scheme}://127.0.0.1:{Port}", insecure: false);

    public static async Task<SecureHost> StartAsync(TokenStore tokens, ServerTls? tls = null, TimeProvider? clock = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        new ServerSecurity(ListenAddress.Parse("127.0.0.1:0", "--listen"), tls, tokens).AddTo(builder.Services);
        CollectedLog log = new();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        WebApplication application = builder.Build();
        application.Use(next => context => DirectUpgrade.OfferAsync(context, next));
        application.UseWebSockets();
        application.Map(Handshake.Path, AnswerAsync);
        await application.StartAsync();
        return new SecureHost(application, log);
    }

    /// <summary>The name that the server has for a device.</summary>
    public static async Task<string> NameAtAsync(DeviceSecurity security)
    {
        using ClientWebSocket socket = await security.ConnectAsync(_ => { }, TestContext.Current.CancellationToken);
        byte[] buffer = new byte[1024];
        ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
    }

    private static async Task AnswerAsync(HttpContext context, DeviceAuthenticator authenticator)
    {
        if (authenticator.Authenticate(context) is not { } name)
            return;
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        await socket.SendAsync(Encoding.UTF8.GetBytes(name), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        // Until the other end closes, or is gone.
        try
        {
            await socket.ReceiveAsync(new byte[16], context.RequestAborted);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
        }
    }

    /// <summary>All that is logged, at every level.</summary>
    internal sealed class CollectedLog : ILoggerProvider, ILogger
    {
        private readonly StringBuilder text = new();

        public string Text
        {
            get
            {
                lock (text)
                    return text.ToString();
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (text)
                text.Append(logLevel).Append(": ").Append(formatter(state, exception)).Append(' ').Append(exception).Append('\n');
        }

        public void Dispose()
        {
        }
    }
}
