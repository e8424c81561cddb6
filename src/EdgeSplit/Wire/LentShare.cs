namespace EdgeSplit.Wire;

/// <summary>One sender's part of a shared link whose idle shares are lent (<see cref="ShareLender"/>).</summary>
public sealed class LentShare : IDisposable
{
    private readonly ShareLender lender;
    private readonly Action<double> setRate;

    internal LentShare(ShareLender lender, double capBitsPerSecond, Action<double> setRate)
    {
        this.lender = lender;
        this.setRate = setRate;
        CapBitsPerSecond = capBitsPerSecond;
    }

    /// <summary>The most it can use.</summary>
    public double CapBitsPerSecond { get; }

    /// <summary>What is its own when all are busy; set before it first begins.</summary>
    public double BitsPerSecond { get; private set; }

    /// <summary>What it was last told to send at.</summary>
    public double RateBitsPerSecond { get; private set; }

    /// <summary>Gives it another share.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a positive number.</exception>
    public void SetShare(double bitsPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bitsPerSecond);
        lender.Change(this, () => BitsPerSecond = bitsPerSecond);
    }

    /// <summary>It has something to send, and does so at its own share until it is told another rate.</summary>
    public void Begin() => lender.Begin(this);

    /// <summary>It has nothing to send: its share is the others'.</summary>
    public void End() => lender.End(this);

    /// <summary>It is gone.</summary>
    public void Dispose() => End();

    /// <summary>It starts from its own share.</summary>
    internal void Reset() => RateBitsPerSecond = Math.Min(BitsPerSecond, CapBitsPerSecond);

    /// <summary>Tells it a rate, unless it is about the one it has.</summary>
    internal void Tell(double rate)
    {
        if (Math.Abs(rate - RateBitsPerSecond) <= ShareLender.Hysteresis * RateBitsPerSecond)
            return;
        RateBitsPerSecond = rate;
        setRate(rate);
    }
}
