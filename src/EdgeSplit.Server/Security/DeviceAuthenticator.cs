using EdgeSplit.Wire.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace EdgeSplit.Server.Security;

/// <summary>Tells whose token a request shows, before anything else is done for it.</summary>
public sealed partial class DeviceAuthenticator(
    TokenRegister register, FailureLimit failures, ConnectionGate gate, ILogger<DeviceAuthenticator> logger)
{
    private const string Scheme = "Bearer";

    /// <summary>
    /// The enrolled name whose token the request shows as <c>Authorization: Bearer</c>. Null if it shows none that counts: then the
    /// request is answered, with 401 (or 429 after <see cref="FailureLimit.PerMinute"/> of them) and nothing that says why.
    /// </summary>
    public string? Authenticate(HttpContext context)
    {
        string? name = null;
        string reason = "no token";
        if (TokenOf(context.Request) is { } token)
        {
            try
            {
                name = register.NameOf(token);
                reason = "unknown token";
            }
            catch (InvalidInputException broken)
            {
                reason = broken.Message;
            }
        }

        if (name is null)
            Refuse(context, reason);
        else
            gate.Admit(context, name);
        return name;
    }

    private static DeviceToken? TokenOf(HttpRequest request) =>
        request.Headers.Authorization is [{ } header]
        && header.StartsWith(Scheme + " ", StringComparison.OrdinalIgnoreCase)
            ? DeviceToken.Parse(header.AsSpan(Scheme.Length + 1).Trim())
            : null;

    private void Refuse(HttpContext context, string reason)
    {
        int failed = failures.Note(context.Connection.RemoteIpAddress);
        context.Response.Headers.Connection = "close";
        if (failed > FailureLimit.PerMinute)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers[HeaderNames.RetryAfter] = "60";
            return;
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = Scheme;
        LogRefusal(logger, context.Connection.RemoteIpAddress, reason);
        if (failed == FailureLimit.PerMinute)
            LogSilence(logger, context.Connection.RemoteIpAddress);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a connection from {Address}: {Reason}")]
    private static partial void LogRefusal(ILogger logger, System.Net.IPAddress? address, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Further refusals of {Address} in this minute are not told")]
    private static partial void LogSilence(ILogger logger, System.Net.IPAddress? address);
}
