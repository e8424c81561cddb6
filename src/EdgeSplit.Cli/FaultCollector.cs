namespace EdgeSplit.Cli;

/// <summary>Makes checks that do not depend on each other, so that a person learns of all that is wrong at once.</summary>
internal sealed class FaultCollector
{
    private readonly List<Fault> faults = [];

    public bool IsEmpty => faults.Count == 0;

    public void Check(Action check) => Try<object>(() =>
    {
        check();
        return this;
    });

    /// <summary>What <paramref name="make"/> makes; null where it found faults.</summary>
    public T? Try<T>(Func<T> make)
        where T : class
    {
        try
        {
            return make();
        }
        catch (InvalidInputException invalid)
        {
            faults.AddRange(invalid.Faults);
            return null;
        }
    }

    /// <inheritdoc cref="Try"/>
    public async Task<T?> TryAsync<T>(Func<Task<T>> make)
        where T : class
    {
        try
        {
            return await make().ConfigureAwait(false);
        }
        catch (InvalidInputException invalid)
        {
            faults.AddRange(invalid.Faults);
            return null;
        }
    }

    /// <exception cref="InvalidInputException">Something was wrong: everything found so far.</exception>
    public void ThrowIfAny()
    {
        if (faults.Count > 0)
            throw new InvalidInputException([.. faults]);
    }
}
