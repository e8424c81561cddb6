using System.Globalization;
using EdgeSplit.Server.Sessions;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Server;

/// <summary>
/// A question that a device must answer within a time. A link that is lost is waited for, and asked again; a device that is silent or
/// breaks the rules loses its session, and hears why.
/// </summary>
/// <param name="sessions">The devices.</param>
/// <param name="patience">For an answer, the wait for a device that is away included.</param>
/// <param name="tell">Told of devices that are lost meanwhile.</param>
/// <param name="clock">Times out.</param>
internal sealed class DeviceInquiry(DeviceSessions sessions, TimeSpan patience, Action<string> tell, TimeProvider clock)
{
    /// <param name="device">Who is asked.</param>
    /// <param name="what">It is asked for.</param>
    /// <param name="ask">Asks; throws <see cref="ProtocolException"/> where the answer is none.</param>
    /// <param name="cancellation">Gives it up.</param>
    public async Task<Answer<T>> AskAsync<T>(int device, string what, Func<ResumableLink, CancellationToken, Task<T>> ask, CancellationToken cancellation)
        where T : class
    {
        using CancellationTokenSource late = new(patience, clock);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        ResumableLink? link = null;
        string? lost = null;
        while (true)
        {
            try
            {
                link = null;
                link = await sessions.LinkOfAsync(device, ended.Token).ConfigureAwait(false);
                return new Answer<T>(await ask(link, ended.Token).ConfigureAwait(false), Failure: null);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                string silence = string.Create(
                    CultureInfo.InvariantCulture, $"it gave no {what} within {patience.TotalSeconds:0.###} s{(lost is null ? "" : $" ({lost})")}");
                if (link is not null)
                    sessions.End(device, link, new RefusedException(ErrorCode.NotNow, $"The server waits no longer: {silence}."));
                return new Answer<T>(null, silence);
            }
            catch (LinkClosedException closed) when (closed.InnerException is ProtocolException or DeviceGoneException)
            {
                // The link itself refused what came, or there will be none.
                return new Answer<T>(null, Sentence(closed));
            }
            catch (LinkClosedException closed) when (closed.InnerException is RefusedException { Code: ErrorCode.Unsuitable })
            {
                return new Answer<T>(null, Sentence(closed));
            }
            catch (ProtocolException violation)
            {
                sessions.End(device, link!, violation);
                return new Answer<T>(null, Sentence(violation));
            }
            catch (Exception gone) when (link is not null && gone is LinkClosedException or ConnectionLostException)
            {
                lost = Sentence(gone);
                tell($"{sessions.Terms.Names[device]} is gone ({lost}); it is asked again when it is back.");
            }
        }
    }

    private static string Sentence(Exception exception) => exception.Message.TrimEnd('.');
}

/// <summary>What a device answered, or why it did not.</summary>
internal readonly record struct Answer<T>(T? Value, string? Failure)
    where T : class;
