using System.Threading.Channels;

namespace EdgeSplit.Compute;

/// <summary>
/// A fixed number of dedicated threads fed by one queue. Engines keep state per thread (thread counts, dispose scopes), so
/// all their work runs here and none of it awaits.
/// </summary>
public sealed class ComputeLanes : IAsyncDisposable
{
    private readonly Channel<Action> queue = Channel.CreateUnbounded<Action>();
    private readonly Task[] lanes;

    /// <param name="engine">Prepared on each lane's thread before any work.</param>
    /// <param name="count">How many pieces of work run at once.</param>
    /// <param name="threadsPerLane">How many threads one operation may use. Results may depend on it; on the count they do not.</param>
    public ComputeLanes(IEngine engine, int count, int threadsPerLane = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threadsPerLane);
        Engine = engine;
        lanes = [.. Enumerable.Range(1, count).Select(number => StartLane(number, threadsPerLane))];
    }

    public IEngine Engine { get; }

    public int Count => lanes.Length;

    /// <summary>Runs <paramref name="work"/> on the next free lane.</summary>
    /// <remarks>Continuations run on the thread pool, never on the lane.</remarks>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool accepted = queue.Writer.TryWrite(() =>
        {
            try
            {
                completion.SetResult(work());
            }
#pragma warning disable CA1031 // Whatever the work throws belongs to whoever awaits it; the lane lives on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                completion.SetException(exception);
            }
        });
        ObjectDisposedException.ThrowIf(!accepted, this);
        return completion.Task;
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Action work) => RunAsync(() =>
    {
        work();
        return true;
    });

    /// <summary>Waits for the work already queued, then ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await Task.WhenAll(lanes).ConfigureAwait(false);
    }

    private Task StartLane(int number, int threads)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            try
            {
                Engine.PrepareLane(threads);
                while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                {
                    while (queue.Reader.TryRead(out Action? work))
                        work();
                }

                ended.SetResult();
            }
#pragma warning disable CA1031 // A lane that cannot start must fail who waits for it, not end the process.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                queue.Writer.TryComplete(exception);
                ended.SetException(exception);
            }
        })
        {
            IsBackground = true,
            Name = $"compute lane {number}",
        };
        thread.Start();
        return ended.Task;
    }
}
