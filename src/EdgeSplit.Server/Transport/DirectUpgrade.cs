using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EdgeSplit.Server.Transport;

/// <summary>
/// Hands a WebSocket the socket itself, as soon as Kestrel has answered the request that asked for one: tensors then go between the
/// kernel and their own memory. With TLS, and where a client did not wait for the answer, Kestrel stays in between.
/// </summary>
/// <param name="kestrel">The request's own.</param>
/// <param name="connection">What it came by.</param>
internal sealed class DirectUpgrade(IHttpUpgradeFeature kestrel, StreamConnection connection) : IHttpUpgradeFeature
{
    public bool IsUpgradableRequest => kestrel.IsUpgradableRequest;

    /// <summary>Offers it to what handles the request next; before that which accepts WebSockets.</summary>
    public static Task OfferAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.IsHttps
            && context.Features.Get<IHttpUpgradeFeature>() is { } kestrel
            && context.Features.Get<StreamConnection>() is { } connection)
            context.Features.Set<IHttpUpgradeFeature>(new DirectUpgrade(kestrel, connection));
        return next(context);
    }

    public async Task<Stream> UpgradeAsync()
    {
        Stream between = await kestrel.UpgradeAsync().ConfigureAwait(false);
        return connection.HasReadAhead ? between : connection.Stream;
    }
}
