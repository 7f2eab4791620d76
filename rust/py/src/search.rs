//! Searches over trees: the state machine of the core as an object.

use kcurve_core::error::Error;
use kcurve_core::search::{
    Aggregation, Allocator, Expansion, Limits, Method, Rounding, Search, Status, Told, UNLIMITED,
    kept,
};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::cell::RefCell;

use crate::error::raise;

/// From so many nodes on, the interpreter is released.
const MANY: usize = 4096;

/// Rewards up to which the buffers are kept for the next call: new memory costs more than the work.
const MOST_KEPT: usize = 1 << 17;

/// Depth, tokens of a step and tokens of a path; `None` for no limit.
type GivenLimits = (u32, Option<u32>, Option<u32>);
type Column<'py, T> = Bound<'py, PyArray1<T>>;

/// A search, from its first ask to its end.
#[pyclass(module = "kcurve._core", name = "Search")]
pub(crate) struct PySearch(Search);

#[pymethods]
impl PySearch {
    /// REBASE.
    #[staticmethod]
    fn rebase(
        width: u32,
        temperature: f64,
        rounding: &str,
        keep: (u32, u32),
        limits: GivenLimits,
    ) -> PyResult<Self> {
        let method = Method::Rebase {
            width,
            temperature,
            rounding: self::rounding(rounding)?,
            keep,
        };
        new(method, limits)
    }

    /// Beam search; with separate subtrees DVTS, or independent paths if they do not branch.
    #[staticmethod]
    fn beam(width: u32, branching: u32, separate: bool, limits: GivenLimits) -> PyResult<Self> {
        let method = Method::Beam {
            width,
            branching,
            separate,
        };
        new(method, limits)
    }

    /// Monte Carlo tree search.
    #[staticmethod]
    fn mcts(
        expansions: u32,
        root_children: u32,
        children: u32,
        exploration: f64,
        limits: GivenLimits,
    ) -> PyResult<Self> {
        let method = Method::Mcts {
            expansions,
            root_children,
            children,
            exploration,
        };
        new(method, limits)
    }

    /// The search that `save` gave.
    #[staticmethod]
    fn load(py: Python<'_>, saved: &[u8]) -> PyResult<Self> {
        py.detach(|| Search::from_bytes(saved))
            .map(Self)
            .map_err(raise)
    }

    /// The whole state.
    fn save<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &py.detach(|| self.0.to_bytes()))
    }

    /// The name of the method and its settings.
    fn settings<'py>(&self, py: Python<'py>) -> PyResult<(&'static str, Bound<'py, PyDict>)> {
        let settings = PyDict::new(py);
        let name = match *self.0.method() {
            Method::Rebase {
                width,
                temperature,
                rounding,
                keep,
            } => {
                settings.set_item("width", width)?;
                settings.set_item("temperature", temperature)?;
                let rounding = match rounding {
                    Rounding::Ceil => "ceil",
                    Rounding::Round => "round",
                };
                settings.set_item("rounding", rounding)?;
                settings.set_item("keep", keep)?;
                "rebase"
            }
            Method::Beam {
                width,
                branching,
                separate,
            } => {
                settings.set_item("width", width)?;
                settings.set_item("branching", branching)?;
                settings.set_item("separate", separate)?;
                "beam"
            }
            Method::Mcts {
                expansions,
                root_children,
                children,
                exploration,
            } => {
                settings.set_item("expansions", expansions)?;
                settings.set_item("root_children", root_children)?;
                settings.set_item("children", children)?;
                settings.set_item("exploration", exploration)?;
                "mcts"
            }
        };
        let limits = self.0.limits();
        let given: GivenLimits = (
            limits.depth,
            limit(limits.step_tokens),
            limit(limits.path_tokens),
        );
        settings.set_item("limits", given)?;
        Ok((name, settings))
    }

    /// Nodes, children of each, and the most tokens of each child, -1 for no limit.
    fn ask<'py>(&self, py: Python<'py>) -> (Column<'py, i64>, Column<'py, i64>, Column<'py, i64>) {
        let asked = self.0.ask();
        let column = |value: fn(&Expansion) -> i64| {
            PyArray1::from_vec(py, asked.iter().map(value).collect())
        };
        (
            column(|one| i64::from(one.node)),
            column(|one| i64::from(one.children)),
            column(|one| limit(one.tokens).map_or(-1, i64::from)),
        )
    }

    /// Takes rewards, tokens and statuses of the children that were asked for.
    fn tell(
        &mut self,
        py: Python<'_>,
        rewards: PyReadonlyArray1<'_, f64>,
        tokens: PyReadonlyArray1<'_, u32>,
        statuses: PyReadonlyArray1<'_, u8>,
    ) -> PyResult<()> {
        let (rewards, tokens) = (rewards.as_slice()?, tokens.as_slice()?);
        let known = statuses.as_slice()?.iter().map(|&number| {
            Status::from_number(number).ok_or_else(|| {
                raise(Error::Search(format!(
                    "a status is 0 (open), 1 (complete), 2 (cut) or 3 (failed), got {number}"
                )))
            })
        });
        let statuses = known.collect::<PyResult<Vec<_>>>()?;
        let told = Told {
            rewards,
            tokens,
            statuses: &statuses,
        };
        let result = if rewards.len() < MANY {
            self.0.tell(told)
        } else {
            py.detach(|| self.0.tell(told))
        };
        result.map_err(raise)
    }

    /// Whether nothing more is asked.
    #[getter]
    fn done(&self) -> bool {
        self.0.is_done()
    }

    /// Solutions, or for MCTS selections, that are left.
    #[getter]
    fn remaining(&self) -> u64 {
        self.0.remaining()
    }

    /// The number of nodes.
    fn __len__(&self) -> usize {
        self.0.tree().len()
    }

    /// The tree: a column for each property. Nodes that are not visited by a search have no value.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (tree, columns) = (self.0.tree(), PyDict::new(py));
        let wide =
            |column: &[u32]| PyArray1::from_vec(py, column.iter().map(|&x| i64::from(x)).collect());
        columns.set_item("parent", wide(tree.parent()))?;
        columns.set_item("depth", wide(tree.depth()))?;
        columns.set_item("reward", PyArray1::from_slice(py, tree.reward()))?;
        columns.set_item("tokens", wide(tree.tokens()))?;
        columns.set_item("path_tokens", wide(tree.path_tokens()))?;
        let status = tree.status().iter().map(|&status| status as u8);
        columns.set_item("status", PyArray1::from_iter(py, status))?;
        if let Some((visits, values)) = self.0.statistics() {
            columns.set_item("visits", wide(visits))?;
            columns.set_item("value", PyArray1::from_slice(py, values))?;
        }
        Ok(columns)
    }

    /// The nodes that came to their end.
    fn solutions<'py>(&self, py: Python<'py>) -> Column<'py, i64> {
        PyArray1::from_iter(py, self.0.tree().solutions().map(i64::from))
    }

    /// The nodes from the first step to a node.
    fn path<'py>(&self, py: Python<'py>, node: i64) -> PyResult<Column<'py, i64>> {
        let path = self.0.tree().path(self.node(node)?);
        Ok(PyArray1::from_iter(py, path.into_iter().map(i64::from)))
    }

    /// The scores of the paths to nodes.
    fn scores<'py>(
        &self,
        py: Python<'py>,
        nodes: PyReadonlyArray1<'py, i64>,
        aggregation: &str,
    ) -> PyResult<Column<'py, f64>> {
        let aggregation = self::aggregation(aggregation)?;
        let tree = self.0.tree();
        let scores = nodes
            .as_slice()?
            .iter()
            .map(|&node| Ok(tree.score(self.node(node)?, aggregation)))
            .collect::<PyResult<Vec<_>>>()?;
        Ok(PyArray1::from_vec(py, scores))
    }
}

thread_local! {
    static ALLOCATOR: RefCell<Allocator> = RefCell::default();
}

/// How REBASE rounds, by its name.
pub(crate) fn rounding(name: &str) -> PyResult<Rounding> {
    match name {
        "ceil" => Ok(Rounding::Ceil),
        "round" => Ok(Rounding::Round),
        _ => Err(PyValueError::new_err(format!("unknown rounding {name:?}"))),
    }
}

/// The widths of nodes with these rewards, of which only a share takes part.
#[pyfunction]
pub(crate) fn rebase_widths<'py>(
    py: Python<'py>,
    rewards: PyReadonlyArray1<'py, f64>,
    budget: u64,
    temperature: f64,
    rounding: &str,
    keep: Option<(u64, u64)>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let rounding = self::rounding(rounding)?;
    let rewards = rewards.as_slice()?;
    let work = || {
        let best = keep.map_or(rewards.len(), |share| kept(rewards.len(), share));
        let mut allocator = ALLOCATOR.take();
        let mut widths = Vec::new();
        allocator.widths(rewards, budget, temperature, rounding, best, &mut widths);
        if rewards.len() <= MOST_KEPT {
            ALLOCATOR.set(allocator);
        }
        widths.into_iter().map(|width| width as i64).collect()
    };
    let widths: Vec<i64> = if rewards.len() < MANY {
        work()
    } else {
        py.detach(work)
    };
    Ok(PyArray1::from_vec(py, widths))
}

impl PySearch {
    pub(crate) fn core(&self) -> &Search {
        &self.0
    }

    /// The node of this number.
    fn node(&self, number: i64) -> PyResult<u32> {
        let n = self.0.tree().len();
        let node = u32::try_from(number)
            .ok()
            .filter(|&node| (node as usize) < n);
        node.ok_or_else(|| {
            raise(Error::Search(format!(
                "a node must be between 0 and {}, got {number}",
                n - 1
            )))
        })
    }
}

fn new(method: Method, (depth, step_tokens, path_tokens): GivenLimits) -> PyResult<PySearch> {
    let limits = Limits {
        depth,
        step_tokens: step_tokens.unwrap_or(UNLIMITED),
        path_tokens: path_tokens.unwrap_or(UNLIMITED),
    };
    Search::new(method, limits).map(PySearch).map_err(raise)
}

fn limit(tokens: u32) -> Option<u32> {
    (tokens != UNLIMITED).then_some(tokens)
}

pub(crate) fn aggregation(name: &str) -> PyResult<Aggregation> {
    match name {
        "last" => Ok(Aggregation::Last),
        "min" => Ok(Aggregation::Min),
        "prod" => Ok(Aggregation::Product),
        "mean" => Ok(Aggregation::Mean),
        _ => Err(PyValueError::new_err(format!(
            "unknown aggregation {name:?}"
        ))),
    }
}
